"""Writing YAML as sigs.k8s.io/yaml does, through libyaml's emitter, which goyaml is a port of.

Next: `scalars.py`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from kubern.apimachinery.yaml.scalars import go_float, resolve_plain

_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:[Tt][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})"
    r"| [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?)?"
)
_BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")


def dump_yaml(value: Any) -> bytes:
    """The YAML that sigs.k8s.io/yaml writes for a JSON value: sorted keys, lists not indented, lines folded at 80."""
    text: str = yaml.emit(_document_events(value), Dumper=yaml.CSafeDumper, allow_unicode=True)
    return text.encode()


def _document_events(value: Any) -> Iterator[Event]:
    yield yaml.StreamStartEvent()
    yield yaml.DocumentStartEvent(explicit=False)
    yield from _value_events(value)
    yield DocumentEndEvent(explicit=False)
    yield yaml.StreamEndEvent()


def _value_events(value: Any) -> Iterator[Event]:
    if isinstance(value, dict):
        yield MappingStartEvent(None, None, True, flow_style=not value)
        for key in sorted(value, key=functools.cmp_to_key(_compare_keys)):
            yield _text_event(key)
            yield from _value_events(value[key])
        yield MappingEndEvent()
    elif isinstance(value, list):
        yield SequenceStartEvent(None, None, True, flow_style=not value)
        for item in value:
            yield from _value_events(item)
        yield SequenceEndEvent()
    else:
        yield _text_event(value) if isinstance(value, str) else _plain_event(value)


def _plain_event(value: Any) -> ScalarEvent:
    if value is None:
        text = "null"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = str(value) if isinstance(value, int) else go_float(value)
    return ScalarEvent(None, None, (True, False), text, style=None)


def _text_event(text: str) -> ScalarEvent:
    """A string: as a block when it has lines, plain when it reads back as itself, else quoted."""
    if "\n" in text:
        style = "|"
    elif isinstance(resolve_plain(text), str) and text != "<<" and not _looks_like_number(text):
        style = ""
    else:
        style = '"'
    return ScalarEvent(None, None, (True, True), text, style=style or None)


def _looks_like_number(text: str) -> bool:
    return _TIMESTAMP.fullmatch(text) is not None or _BASE60.fullmatch(text) is not None


def _compare_keys(a: str, b: str) -> int:
    """goyaml's order of keys: letters after other characters, digits by their number."""
    digits = False
    for index, (x, y) in enumerate(zip(a, b, strict=False)):
        if x == y:
            digits = x.isdigit()
            continue
        if x.isalpha() and y.isalpha():
            return -1 if x < y else 1
        if x.isalpha() or y.isalpha():
            first = x.isalpha() if digits else y.isalpha()
            return -1 if first else 1
        return _compare_numbers(a, b, index)
    return len(a) - len(b)


def _compare_numbers(a: str, b: str, index: int) -> int:
    """Order at the first difference, neither character there being a letter."""
    lead = 0
    if a[index] == "0" or b[index] == "0":
        lead = int(bool(_leading_digits(a, index).strip("0")))
    x, y = _trailing_digits(a, index), _trailing_digits(b, index)
    left, right = int(f"{lead}{x}"), int(f"{lead}{y}")
    if left != right:
        return -1 if left < right else 1
    if len(x) != len(y):
        return len(x) - len(y)
    return -1 if a[index] < b[index] else 1


def _leading_digits(text: str, end: int) -> str:
    start = end
    while start and text[start - 1].isdigit():
        start -= 1
    return text[start:end]


def _trailing_digits(text: str, start: int) -> str:
    end = start
    while end < len(text) and text[end].isdigit():
        end += 1
    return text[start:end][:18]
