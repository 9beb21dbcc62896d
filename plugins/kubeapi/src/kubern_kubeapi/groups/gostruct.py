"""Objects as upstream's messages show them: JSON of Go's internal types, whose fields carry Go names.

Where kube-apiserver puts a struct into a message it prints the internal type: every field, in the order of
the struct, unset ones as null, "" or 0. A `Catalog` knows such types from lines like

    Container Name Image Command:- Ports:[]ContainerPort Resources:ResourceRequirements Stdin:b

Each field is `GoName[=wireName][:kind]`. Kinds: none a string, `b` a bool, `i` a number, `q` a quantity, `-` anything that is
null when unset (pointers to scalars, lists and maps of scalars), `Type` a nested struct, `*Type` a pointer to
one, `[]Type` a list of structs, `{}Type` a map of structs, `+Type` an embedded struct, whose fields are the
struct's own. In types marked with a leading `@` fields carry wire names and are left out when unset
(metav1's), unless the kind ends in `!`. Next: `core/pod/internal_types.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Value = dict[str, Any]
Writer = Callable[[Any, Value], None]

_LEADING_CAPITALS = re.compile("[A-Z]+(?![a-z])|[A-Z]")


def wire_name(go_name: str) -> str:
    """`hostIP` of `HostIP`, `dnsPolicy` of `DNSPolicy`, `tty` of `TTY`."""
    match = _LEADING_CAPITALS.match(go_name)
    if match is None:
        return go_name
    return match.group().lower() + go_name[match.end() :]


class Catalog:
    """A set of internal types; lines are parsed when a type is first rendered."""

    def __init__(self, text: str, *others: Catalog) -> None:
        self._text = text
        self._others = others
        self._lines: dict[str, str] | None = None
        self._writers: dict[str, list[Writer]] = {}

    def render(self, type_name: str, value: Mapping[str, Any] | None) -> Value | None:
        """`value`, a wire object, as the internal type's JSON; None stays None."""
        if value is None:
            return None
        out: Value = {}
        for write in self._type(type_name):
            write(value, out)
        return out

    def render_list(self, type_name: str, values: list[Any] | None) -> list[Any] | None:
        return None if values is None else [self.render(type_name, v) for v in values]

    def _line(self, name: str) -> str | None:
        if self._lines is None:
            rows = (line.strip() for line in self._text.splitlines())
            self._lines = {row.split(None, 1)[0].lstrip("@"): row for row in rows if row}
        found = self._lines.get(name)
        if found is not None:
            return found
        return next((line for line in (other._line(name) for other in self._others) if line is not None), None)

    def _type(self, name: str) -> list[Writer]:
        writers = self._writers.get(name)
        if writers is None:
            line = self._line(name)
            if line is None:
                raise KeyError(name)
            head, *fields = line.split()
            writers = self._writers[name] = []
            writers.extend(self._field(field, head.startswith("@")) for field in fields)
        return writers

    def _field(self, spec: str, tagged: bool) -> Writer:
        left, _, kind = spec.partition(":")
        go_name, _, wire = left.partition("=")
        if kind.startswith("+"):
            return self._embedded(kind[1:])
        wire = wire or (go_name if tagged else wire_name(go_name))
        convert, empty = self._kind(kind.rstrip("!"))
        keep = not tagged or kind.endswith("!")

        def write(value: Any, out: Value) -> None:
            found = value.get(wire)
            if found is not None:
                out[go_name] = convert(found)
            elif keep:
                out[go_name] = convert({}) if empty is _STRUCT else empty

        return write

    def _embedded(self, type_name: str) -> Writer:
        def write(value: Any, out: Value) -> None:
            for inner in self._type(type_name):
                inner(value, out)

        return write

    def _kind(self, kind: str) -> tuple[Callable[[Any], Any], Any]:
        if kind in _SCALARS:
            return _same, _SCALARS[kind]
        if kind.startswith("[]"):
            name = kind[2:]
            return lambda values: [self.render(name, v) for v in values], None
        if kind.startswith("{}"):
            name = kind[2:]
            return lambda values: {k: self.render(name, values[k]) for k in sorted(values)}, None
        name = kind.lstrip("*")
        return lambda value: self.render(name, value), None if kind.startswith("*") else _STRUCT


_STRUCT = object()
_SCALARS: dict[str, Any] = {"": "", "b": False, "i": 0, "q": "0", "-": None}


def _same(value: Any) -> Any:
    return {k: value[k] for k in sorted(value)} if isinstance(value, dict) else value


META_TYPES = Catalog(
    """
    @ObjectMeta name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds labels:- annotations:- ownerReferences:[]OwnerReference finalizers:- managedFields:[]ManagedFieldsEntry
    @OwnerReference apiVersion:! kind:! name:! uid:! controller blockOwnerDeletion
    @ManagedFieldsEntry manager operation apiVersion time fieldsType fieldsV1 subresource
    @LabelSelector matchLabels:- matchExpressions:[]LabelSelectorRequirement
    @LabelSelectorRequirement key:! operator:! values
    @Condition type:! status:! observedGeneration lastTransitionTime:-! reason:! message:!
    """
)
