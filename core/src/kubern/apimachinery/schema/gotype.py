"""What Go type a schema stands for: how a value decodes, and when a field is written.

kube-apiserver decodes into Go structs and writes them back, and much of what clients see follows from that: which
fields survive when zero, what null means, the words of a decode error. A `GoType` holds these facts for one schema
node, from its keys and from the marks that `scripts/data/go_types.txt` documents. Schemas without marks (plugins'
kinds) keep whatever was sent. Next: `walker.py` for good input, `exact.py` for everything else.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Any

from kubern.apimachinery.schema.model import Schema

GO_KEY = "x-kubern-go"


class Kind(enum.Enum):
    """How values of a type are decoded."""

    STRING = "string"
    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    BYTES = "bytes"
    STRUCT = "struct"
    MAP = "map"
    SLICE = "slice"
    QUANTITY = "quantity"
    TIME = "time"
    MICRO_TIME = "micro time"
    DURATION = "duration"
    INT_OR_STRING = "int or string"
    PROPS_OR_BOOL = "schema or bool"
    PROPS_OR_ARRAY = "schema or list of schemas"
    PROPS_OR_STRINGS = "schema or list of strings"
    RAW = "raw"
    """Any JSON, kept as it is."""


SCALARS = frozenset({Kind.STRING, Kind.BOOL, Kind.INT, Kind.FLOAT})
TIMES = frozenset({Kind.TIME, Kind.MICRO_TIME})

_BY_DEFINITION = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": Kind.QUANTITY,
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": Kind.TIME,
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": Kind.MICRO_TIME,
    "io.k8s.apimachinery.pkg.apis.meta.v1.Duration": Kind.DURATION,
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": Kind.RAW,
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": Kind.INT_OR_STRING,
    "io.k8s.apimachinery.pkg.runtime.RawExtension": Kind.RAW,
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON": Kind.RAW,
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool": Kind.PROPS_OR_BOOL,
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray": Kind.PROPS_OR_ARRAY,
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray": Kind.PROPS_OR_STRINGS,
}
_BY_TYPE = {"string": Kind.STRING, "boolean": Kind.BOOL, "integer": Kind.INT, "number": Kind.FLOAT, "array": Kind.SLICE}
_SCALAR_NAMES = {Kind.STRING: "string", Kind.BOOL: "bool", Kind.BYTES: "[]uint8"}
_MARKS = re.compile(r"([*!~^]*)(?:(\[\])|\{([\w.]*)\}|:)?([\w.]*)")
PROPS_NAME = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"


class GoType:
    """The Go type of a schema node. `name` is its text in error messages (`v1.PodSpec`, `[]v1.Container`).

    `element` is the type of list items or map values, `fields` the fields of a struct; both are made on first use.
    """

    __slots__ = (
        "_element",
        "_element_name",
        "_fields",
        "_key_name",
        "_name",
        "defaults",
        "go",
        "kind",
        "schema",
        "walkers",
    )

    def __init__(
        self, schema: Schema, kind: Kind, go: bool, name: str = "", element_name: str = "", key_name: str = ""
    ) -> None:
        self.schema = schema
        self.kind = kind
        self.go = go
        self._name = name
        self._element_name = element_name
        self._key_name = key_name or "string"
        self._element: GoType | None = None
        self._fields: dict[str, GoField] | None = None
        self.walkers: Any = None
        """What `walker.py` compiled for this type."""
        self.defaults: Any = None
        """What `defaults.py` found for it."""

    @property
    def name(self) -> str:
        if not self._name:
            self._name = self._make_name()
        return self._name

    def _make_name(self) -> str:
        kind = self.kind
        if kind is Kind.INT:
            return self.schema.format or "int64"
        if kind is Kind.FLOAT:
            return "float32" if self.schema.format == "float" else "float64"
        if kind is Kind.SLICE:
            return "[]" + self.element.name
        if kind is Kind.MAP:
            return f"map[{self._key_name}]{self.element.name}"
        scalar = _SCALAR_NAMES.get(kind)
        return scalar or ".".join(self.schema.name.split(".")[-2:]) or "struct"

    @property
    def struct_name(self) -> str:
        """A struct's name without its package, as errors about its fields say it."""
        return self.name.rsplit(".", 1)[-1]

    @property
    def element(self) -> GoType:
        if self._element is None:
            raw = self.schema.raw.get("items") if self.kind is Kind.SLICE else self.schema.additional
            if not isinstance(raw, Mapping):
                raw = {}
            self._element = _of_raw(raw, self.schema, self.go, self._element_name)
        return self._element

    @property
    def fields(self) -> dict[str, GoField]:
        if self._fields is None:
            marks = self.schema.raw.get(GO_KEY, {})
            package = ".".join(self.schema.name.split(".")[-2:-1])
            properties: Mapping[str, Any] = self.schema.raw.get("properties", {})
            self._fields = {
                name: GoField(name, raw, self, marks.get(name, ""), package) for name, raw in properties.items()
            }
        return self._fields

    def __repr__(self) -> str:
        return f"GoType({self.name})"


class GoField:
    """A field of a struct.

    `pointer`: absent differs from zero. `omit_zero`: left out when zero. `always`: written even when not set,
    as null when `null_zero`, else as the type's zero value. `default`: a default other than zero, else None.
    """

    __slots__ = ("always", "default", "name", "null_zero", "omit_zero", "pointer", "type")

    def __init__(self, name: str, raw: Mapping[str, Any], owner: GoType, marks: str, package: str) -> None:
        match = _MARKS.fullmatch(marks)
        signs, is_list, key, type_name = match.groups() if match else ("", None, None, "")
        qualified = _qualify(type_name or "", package)
        if is_list:
            self.type = _of_raw(raw, owner.schema, owner.go, element_name=qualified)
        elif key is not None:
            self.type = _of_raw(raw, owner.schema, owner.go, element_name=qualified, key_name=_qualify(key, package))
        else:
            self.type = _of_raw(raw, owner.schema, owner.go, name=qualified)
        self.name = name
        self.default = raw.get("default") or None
        self._decide(raw, signs or "", name in owner.schema.required, owner.go)

    def _decide(self, raw: Mapping[str, Any], signs: str, required: bool, go: bool) -> None:
        """Fill in when the field is written."""
        kind = self.type.kind
        self.pointer = "*" in signs or not go
        self.always = self.null_zero = False
        if not go:
            self.omit_zero = False
            return
        if kind is Kind.STRUCT:
            self.pointer = "default" not in raw
            self.always = not self.pointer or "!" in signs or required
            self.null_zero = self.pointer
        elif kind in SCALARS:
            self.always = "!" in signs or (not self.pointer and "default" in raw and "~" not in signs)
            self.null_zero = self.pointer
        elif kind in (Kind.SLICE, Kind.MAP, Kind.BYTES):
            self.always = "!" in signs or (required and "~" not in signs)
            self.null_zero = True
        else:
            self.always = not self.pointer and "^" not in signs
            self.null_zero = kind in TIMES or kind is Kind.RAW
        self.omit_zero = not self.always and not self.pointer


def _qualify(name: str, package: str) -> str:
    """`v1.PullPolicy` of `PullPolicy`; qualified names and built-in ones stay."""
    return f"{package}.{name}" if name and "." not in name and name[0].isupper() else name


def _kind_of(schema: Schema) -> Kind:
    kind = _BY_DEFINITION.get(schema.name)
    if kind is not None:
        return kind
    if schema.int_or_string:
        return Kind.INT_OR_STRING
    if schema.preserve_unknown_fields or schema.embedded_resource:
        return Kind.RAW
    kind = _BY_TYPE.get(schema.type)
    if kind is Kind.STRING and schema.format == "byte":
        return Kind.BYTES
    if kind is not None:
        return kind
    if "properties" in schema.raw or (schema.type == "object" and schema.name):
        return Kind.STRUCT
    return Kind.MAP if isinstance(schema.additional, Mapping) else Kind.RAW


def go_type(schema: Schema, name: str = "") -> GoType:
    """The Go type of a schema node, kept on the node."""
    if schema.compiled is None:
        schema.compiled = GoType(schema, _kind_of(schema), GO_KEY in schema.raw, name)
    return schema.compiled  # type: ignore[no-any-return]


def _of_raw(
    raw: Mapping[str, Any], owner: Schema, go: bool, name: str = "", element_name: str = "", key_name: str = ""
) -> GoType:
    """The type of a schema below `owner`; types of definitions are shared."""
    ref = raw.get("$ref") or (raw["allOf"][0].get("$ref") if len(raw.get("allOf", ())) == 1 else None)
    if ref is not None and owner.resolve is not None:
        return go_type(owner.resolve(ref.rsplit("/", 1)[-1]))
    schema = Schema(raw, owner.resolve)
    return GoType(schema, _kind_of(schema), go, name, element_name, key_name)
