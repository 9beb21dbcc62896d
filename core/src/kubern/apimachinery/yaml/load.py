"""Reading YAML: one document into the value that its JSON would have. Depth and alias expansion are limited.

Next: `scalars.py`.
"""

from __future__ import annotations

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
from kubern.util.goquote import go_quote

MAX_DEPTH: Final = 255
"""Levels of nesting, a scalar's own included; orjson writes no more."""
MAX_NODES: Final = 1_000_000
"""Nodes after aliases are expanded."""

_TAG = "tag:yaml.org,2002:"
_MERGE: Final = object()


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
        self.duplicates: list[tuple[int, str]] = []

    def document(self) -> Any:
        value = None
        for event in self._events:
            if isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent, AliasEvent)):
                value = self._node(event, 1)
            elif isinstance(event, DocumentEndEvent):
                break
        if value is _MERGE:
            return "<<"
        return value

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
            value = self._node(event, depth + 1)
            items.append("<<" if value is _MERGE else value)
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            line = event.start_mark.line + 1
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if value is _MERGE:
                value = "<<"
            if key is _MERGE:
                _merge(out, value)
                continue
            text = _key_text(key, value)
            if text in out:
                self.duplicates.append((line, go_quote(key) if isinstance(key, str) else text))
            out[text] = value
        return out


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


def _key_text(key: Any, value: Any) -> str:
    """A key as JSON's member name."""
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int):
        return str(key)
    if isinstance(key, float):
        return go_float(key)
    go_type = {type(None): "%!s(<nil>)"}.get(type(key), "map[interface {}]interface {}")
    raise SyntaxProblem(f"yaml: unsupported map key of type: {go_type}, key: {key!r}, value: {value!r}")


def _scalar(event: ScalarEvent) -> Any:
    text: str = event.value
    tag: str | None = event.tag
    if tag in (None, "!") and not event.implicit[0]:
        return text
    if tag is None:
        return _MERGE if text == "<<" else resolve_plain(text)
    short = tag.removeprefix(_TAG)
    if short in ("int", "float", "bool", "null"):
        value = resolve_plain(text)
        return float(value) if short == "float" and isinstance(value, int) else value
    if short == "binary":
        return _binary(text)
    return text


def _binary(text: str) -> str:
    import base64
    import binascii

    try:
        return base64.b64decode(text).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise SyntaxProblem("yaml: !!binary value contains invalid base64 data") from None
