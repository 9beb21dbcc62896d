"""Reading YAML: one document into the value that its JSON would have. Depth and alias expansion are limited.

Next: `scalars.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from kubern.apimachinery.codec.json import SyntaxProblem
from kubern.apimachinery.yaml.scalars import go_float, resolve_plain
from kubern.util.gofloat import format_value
from kubern.util.goprint import print_syntax
from kubern.util.goquote import go_quote

MAX_DEPTH: Final = 255
"""Levels of nesting, a scalar's own included; orjson writes no more."""
MAX_NODES: Final = 1_000_000
"""Nodes after aliases are expanded."""

_TAG = "tag:yaml.org,2002:"
_MERGE: Final = object()
_BEYOND_INTEGERS: Final = 2.0**63
_SHORT_TAGS: Final = {str: "str", bool: "bool", int: "int", float: "float", type(None): "null"}


def load_yaml(data: bytes) -> tuple[Any, list[str]]:
    """The value of the first document and the strict errors (duplicate keys). Raises SyntaxProblem."""
    builder = _Builder(_events(data))
    value = builder.document()
    problems = [f"  line {line}: key {key} already set in map" for line, key in builder.duplicates]
    return value, ["yaml: unmarshal errors:\n" + "\n".join(problems)] if problems else []


def _events(data: bytes) -> Iterator[Event]:
    """The parser's events, its errors in goyaml's words."""
    try:
        yield from yaml.parse(data, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        raise SyntaxProblem(_marked_message(error)) from None
    except yaml.reader.ReaderError as error:
        raise SyntaxProblem(f"yaml: {error.reason}") from None
    except yaml.YAMLError as error:
        raise SyntaxProblem(f"yaml: {error}") from None


def _marked_message(error: yaml.MarkedYAMLError) -> str:
    line = 0
    if error.problem_mark is not None and error.problem_mark.line:
        line = error.problem_mark.line + (1 if isinstance(error, yaml.scanner.ScannerError) else 0)
    elif error.context_mark is not None:
        line = error.context_mark.line
    where = f"line {line}: " if line else ""
    return f"yaml: {where}{error.problem or 'unknown problem parsing YAML content'}"


class _Builder:
    """Builds one document's value from events."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._open: set[str] = set()
        self._nodes = 0
        self._unwritable = ""
        self.duplicates: list[tuple[int, str]] = []

    def document(self) -> Any:
        value = None
        for event in self._events:
            if isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent, AliasEvent)):
                value = self._value(event, 1)
            elif isinstance(event, DocumentEndEvent):
                break
        if self._unwritable:
            raise SyntaxProblem(self._unwritable)
        return value

    def _value(self, event: Any, depth: int) -> Any:
        """A node that is no key: floats are what their JSON says, `<<` is text."""
        value = self._node(event, depth)
        if value is _MERGE:
            return "<<"
        if value.__class__ is float:
            return self._number(value)
        return value

    def _number(self, value: float) -> int | float:
        """The number that JSON has for a float: whole ones are written without a point."""
        if not math.isfinite(value):
            self._unwritable = self._unwritable or f"json: unsupported value: {format_value(value)}"
            return 0
        return int(value) if value.is_integer() and abs(value) < _BEYOND_INTEGERS else value

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise SyntaxProblem("yaml: document contains excessive aliasing")

    def _node(self, event: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            # Differs from kube-apiserver: it takes 10,000 levels.
            raise SyntaxProblem("yaml: exceeded max depth")
        if isinstance(event, AliasEvent):
            return self._alias(event.anchor, depth)
        self._count(1)
        before = self._nodes
        anchor = event.anchor
        if anchor is not None:
            self._open.add(anchor)
        if isinstance(event, ScalarEvent):
            value = _scalar(event)
        elif isinstance(event, MappingStartEvent):
            value = self._mapping(depth)
        else:
            value = self._sequence(depth)
        if anchor is not None:
            self._open.discard(anchor)
            self._anchors[anchor] = (value, self._nodes - before + 1)
        return value

    def _alias(self, anchor: Any, depth: int) -> Any:
        if anchor in self._open:
            raise SyntaxProblem(f"yaml: anchor '{anchor}' value contains itself")
        if anchor not in self._anchors:
            raise SyntaxProblem(f"yaml: unknown anchor '{anchor}' referenced")
        value, nodes = self._anchors[anchor]
        self._count(nodes)
        return _copied(value, depth)

    def _sequence(self, depth: int) -> list[Any]:
        items = []
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self._value(event, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._node(event, depth + 1)
            if isinstance(key, (dict, list)):
                raise SyntaxProblem(f"yaml: invalid map key: {_go_syntax(key)}")
            event = next(self._events)
            value = self._value(event, depth + 1)
            if key is _MERGE:
                _merge(out, value)
                continue
            text = self._key_text(key, value)
            if text in out:
                line = event.start_mark.line + 1
                self.duplicates.append((line, go_quote(key) if isinstance(key, str) else text))
            out[text] = value
        return out

    def _key_text(self, key: Any, value: Any) -> str:
        """A key as JSON's member name."""
        if isinstance(key, str):
            return key
        if isinstance(key, bool):
            return "true" if key else "false"
        if isinstance(key, float):
            return go_float(key)
        if isinstance(key, int) and key < 1 << 63:
            return str(key)
        kind, shown = ("%!s(<nil>)", "<nil>") if key is None else ("uint64", hex(key))
        self._unwritable = self._unwritable or (
            f"unsupported map key of type: {kind}, key: {shown}, value: {_go_syntax(value)}"
        )
        return shown


def _copied(value: Any, depth: int) -> Any:
    """An alias's value as a value of its own, so that changing one place leaves the others alone."""
    if depth > MAX_DEPTH:
        raise SyntaxProblem("yaml: exceeded max depth")
    if isinstance(value, dict):
        return {key: _copied(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item, depth + 1) for item in value]
    return value


def _merge(out: dict[str, Any], value: Any) -> None:
    sources = value if isinstance(value, list) else [value]
    for source in reversed(sources):
        if not isinstance(source, dict):
            raise SyntaxProblem("yaml: map merge requires map or sequence of maps as the value")
        out.update(source)


def _go_syntax(value: Any) -> str:
    """As %#v prints a value of goyaml's, whose maps may have any key."""
    return print_syntax(value).replace("map[string]interface {}", "map[interface {}]interface {}")


def _scalar(event: ScalarEvent) -> Any:
    text: str = event.value
    tag: str | None = event.tag
    if tag in (None, "!") and not event.implicit[0]:
        return text
    if tag is None:
        return _MERGE if text == "<<" else resolve_plain(text)
    short = tag.removeprefix(_TAG)
    if short in ("int", "float", "bool", "null"):
        return _tagged(text, short)
    if short == "binary":
        return _binary(text)
    return text


def _tagged(text: str, wanted: str) -> Any:
    """A scalar that says its type. Raises SyntaxProblem when it is of another one."""
    value: Any = resolve_plain(text)
    found = "merge" if text == "<<" else _SHORT_TAGS[type(value)]
    if found == "int" and wanted == "float":
        return float(value)
    if found != wanted:
        raise SyntaxProblem(f"yaml: cannot decode !!{found} `{text}` as a !!{wanted}")
    return value


def _binary(text: str) -> str:
    import base64
    import binascii

    try:
        return base64.b64decode(text).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise SyntaxProblem("yaml: !!binary value contains invalid base64 data") from None
