"""Continue tokens: where a paged list goes on, and at which revision; next: `listing.py`.

Upstream: storage/continue.go, the same encoding and the same refusals, so tokens pass between servers.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from kubern.storage.errors import InvalidContinue
from kubern.util.goquote import go_quote

_VERSION = "meta.k8s.io/v1"
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9_-]")
_GENERIC = "continue key is not valid"

# What Go's encoding/json says where Python's decoder says something else.
_JSON_CONTEXT = {
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Expecting ':' delimiter": "after object key",
    "Expecting ',' delimiter": "after object key:value pair",
    "Extra data": "after top-level value",
}


def encode_continue(key: str, base: str, rev: int) -> str:
    """The token that goes on with the first key from `key` on; `base` is the list's prefix without last slash."""
    token = json.dumps({"v": _VERSION, "rv": rev, "start": key[len(base) :]}, separators=(",", ":"))
    return base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")


def decode_continue(token: str, base: str) -> tuple[str, int]:
    """The key to go on with and the revision (negative: the newest). Raises InvalidContinue."""
    fields = _json_object(_base64(token))
    version, rev, start = (_typed(fields, name, kind) for name, kind in (("v", str), ("rv", int), ("start", str)))
    if version != _VERSION:
        raise InvalidContinue(f"{_GENERIC}: server does not recognize this encoded version {version}")
    if rev == 0:
        raise InvalidContinue(f"{_GENERIC}: incorrect encoded start resourceVersion (version {_VERSION})")
    if not start:
        raise InvalidContinue(f"{_GENERIC}: encoded start key empty (version {_VERSION})")
    key = start if start.startswith("/") else "/" + start
    if key != "/" and any(part in ("", ".", "..") for part in key[1:].split("/")):
        raise InvalidContinue(f"{_GENERIC}: {start}")  # would reach outside the listed prefix
    return base + key, rev


def _base64(token: str) -> bytes:
    bad = _NOT_BASE64.search(token)
    if bad is not None or len(token) % 4 == 1:
        at = len(token[: bad.start()].encode()) if bad is not None else len(token) - 1
        raise InvalidContinue(f"{_GENERIC}: illegal base64 data at input byte {at}")
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


def _json_object(data: bytes) -> dict[str, Any]:
    text = data.decode("latin-1")  # Go names the offending byte, not the character
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text):
            raise InvalidContinue(f"{_GENERIC}: unexpected end of JSON input") from None
        char = "'\\''" if text[error.pos] == "'" else f"'{go_quote(text[error.pos])[1:-1]}'"
        context = _JSON_CONTEXT.get(error.msg, "looking for beginning of value")
        raise InvalidContinue(f"{_GENERIC}: invalid character {char} {context}") from None
    except RecursionError:
        raise InvalidContinue(f"{_GENERIC}: exceeded max depth") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidContinue(
            f"{_GENERIC}: json: cannot unmarshal {_json_type(value)} into Go value of type storage.continueToken"
        )
    fields: dict[str, Any] = json.loads(data.decode("utf-8", "replace"))
    return fields


def _typed(fields: dict[str, Any], name: str, kind: type) -> Any:
    value = fields.get(name)
    if value is None:
        return kind()
    if type(value) is kind:
        return value
    go_type = "int64" if kind is int else "string"
    found = f"number {value!r}" if isinstance(value, float) and kind is int else _json_type(value)
    raise InvalidContinue(
        f"{_GENERIC}: json: cannot unmarshal {found} into Go struct field continueToken.{name} of type {go_type}"
    )


def _json_type(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"
