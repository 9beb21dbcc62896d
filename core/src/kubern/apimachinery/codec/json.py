"""JSON bodies: parsing as Go does it, and whether a body names a member twice.

orjson does the work; what it refuses but Go accepts (bytes that are no UTF-8, lone surrogates) is repaired as Go
repairs it. Next: `codec.py`.
"""

from __future__ import annotations

from typing import Any

import orjson

from kubern.util.gojson import JSONSyntaxError, check_syntax

_SPACED_COLONS = (b" :", b"\n:", b"\t:", b"\r:")


class SyntaxProblem(ValueError):
    """A body that cannot be parsed; the message is Go's."""


def parse_json(data: bytes) -> tuple[Any, bytes]:
    """The value of a JSON text and the text itself, repaired where need be. Raises SyntaxProblem."""
    try:
        return orjson.loads(data), data
    except orjson.JSONDecodeError:
        pass
    try:
        check_syntax(data)
    except JSONSyntaxError as problem:
        raise SyntaxProblem(str(problem)) from None
    return _parse_repaired(data)


def _parse_repaired(data: bytes) -> tuple[Any, bytes]:
    import json

    try:
        value = json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        # Differs from kube-apiserver: it takes 10,000 levels, orjson and the standard library about 1,000.
        raise SyntaxProblem("exceeded max depth") from None
    text = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    repaired = text.encode()
    return orjson.loads(repaired), repaired


def may_have_duplicates(data: bytes, value: Any) -> bool:
    """Whether some object in the text `data` may name a member twice; False is certain.

    A duplicate is lost in parsing, so the text has one `":` more than what the parsed value is written as. Texts
    in which the two could differ for another reason (space before a colon, escaped quotes or colons) may.
    Raises SyntaxProblem when the value is nested too deeply to be written again.
    """
    try:
        written = orjson.dumps(value)
    except orjson.JSONEncodeError:
        # Differs from kube-apiserver: orjson writes 254 levels; deeper objects are refused here instead of later.
        raise SyntaxProblem("exceeded max depth") from None
    if data.count(b'":') != written.count(b'":'):
        return True
    if b"\\u00" in data and (b"\\u0022" in data or b"\\u003a" in data or b"\\u003A" in data):
        return True
    return any(spaced in data for spaced in _SPACED_COLONS)
