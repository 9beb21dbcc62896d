"""Bodies of server-side apply: partial objects in YAML (or JSON, which is YAML).

Upstream: handlers/patch.go, applyPatcher. Next: `../managedfields/`.
"""

from __future__ import annotations

import re
from typing import Any, Final

from kubern.apimachinery.codec.json import SyntaxProblem
from kubern.apimachinery.errors import bad_request
from kubern.util.gojson import type_name

Object = dict[str, Any]
_LONG_NUMBER: Final = re.compile(rb"[0-9]{16}")
_MAX_EXACT: Final = 2**53


def decode_apply_patch(body: bytes) -> tuple[Object, list[str]]:
    """The object of an apply patch and its strict errors (duplicate keys). Raises StatusError 400."""
    try:
        value, strict_errors = _load(body)
    except SyntaxProblem as problem:
        raise bad_request(f"error decoding YAML: error converting YAML to JSON: {problem}") from None
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise bad_request(
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: "
            f"json: cannot unmarshal {type_name(value)} into Go value of type map[string]interface {{}}"
        )
    if _LONG_NUMBER.search(body):
        value = _as_floats_hold(value)
    return value, [f"error converting YAML to JSON: {problem}" for problem in strict_errors]


def _as_floats_hold(value: Any) -> Any:
    """Integers as far as upstream's decoder keeps them, which knows floats only."""
    if isinstance(value, dict):
        return {name: _as_floats_hold(member) for name, member in value.items()}
    if isinstance(value, list):
        return list(map(_as_floats_hold, value))
    if isinstance(value, int) and abs(value) > _MAX_EXACT:
        return int(float(value))
    return value


def _load(body: bytes) -> tuple[Any, list[str]]:
    """JSON the fast way when it plainly is JSON, else YAML."""
    import orjson

    from kubern.apimachinery.codec.json import may_have_duplicates

    if body[:1] == b"{":
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            return _load_yaml(body)
        if not may_have_duplicates(body, value):
            return value, []
    return _load_yaml(body)


def _load_yaml(body: bytes) -> tuple[Any, list[str]]:
    from kubern.apimachinery.yaml import load_yaml  # PyYAML is a tenth of a start, and most clients send JSON

    return load_yaml(body)
