"""JSON bodies: parsing as Go does it, and whether a body names a member twice.

orjson does the work; what it refuses but Go accepts (bytes that are no UTF-8, lone surrogates) is repaired as Go
repairs it. Next: `interface.py`.
"""

from __future__ import annotations

from typing import Any

import orjson

from kubern.util.gojson import JSONSyntaxError, repair

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
        repaired = repair(data)
    except JSONSyntaxError as problem:
        raise SyntaxProblem(str(problem)) from None
    return orjson.loads(repaired), repaired


def may_have_duplicates(data: bytes, value: Any) -> bool:
    """Whether some object in the text `data` may name a member twice; False is certain.

    A duplicate is lost in parsing, so the text has one `":` more than what the parsed value is written as. Texts
    in which the two could differ for another reason (space before a colon, escaped quotes or colons) may.
    Raises TypeError, as orjson does, when the value is nested too deeply to be written again.
    """
    written = orjson.dumps(value)
    if data.count(b'":') != written.count(b'":'):
        return True
    if b"\\u00" in data and (b"\\u0022" in data or b"\\u003a" in data or b"\\u003A" in data):
        return True
    return any(spaced in data for spaced in _SPACED_COLONS)
