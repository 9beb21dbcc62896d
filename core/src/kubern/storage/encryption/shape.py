"""Strict decoding of an encryption configuration: fields it does not have, values of the wrong type.

Next: `config.py`.
"""

from __future__ import annotations

from typing import Any

# A mapping's fields, a list's items, or a Python type.
_KEYS = {"keys": [{"name": str, "secret": str}]}
_KMS = {"apiVersion": str, "name": str, "cachesize": int, "endpoint": str, "timeout": str}
_SHAPE = {
    "apiVersion": str,
    "kind": str,
    "resources": [
        {
            "resources": [str],
            "providers": [{"aescbc": _KEYS, "aesgcm": _KEYS, "secretbox": _KEYS, "identity": {}, "kms": _KMS}],
        }
    ],
}


def unknown_fields(config: Any) -> list[str]:
    """Everything that a strict decoder refuses."""
    return _compare(config, _SHAPE, "")


def _compare(value: Any, shape: Any, at: str) -> list[str]:
    if value is None and at:
        return []
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{at or 'configuration'} must be a mapping"]
        out = []
        for key, child in value.items():
            where = f"{at}.{key}" if at else str(key)
            out += _compare(child, shape[key], where) if key in shape else [f'unknown field "{where}"']
        return out
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{at} must be a list"]
        return [problem for n, item in enumerate(value) for problem in _compare(item, shape[0], f"{at}[{n}]")]
    if not isinstance(value, shape) or isinstance(value, bool):
        return [f"{at} must be {'a number' if shape is int else 'text'}"]
    return []
