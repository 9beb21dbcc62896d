"""Options that come as query parameters (upstream: metav1.ParameterCodec and the conversions of url.Values).

Next: `log.py`, `sessions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubern.apimachinery.errors import bad_request
from kubern.apimachinery.time import TimeError, normalise_time
from kubern.endpoints.request_info import parse_bool_query
from kubern.util.goquote import go_quote

Object = dict[str, Any]
Query = Mapping[str, list[str]]


def _integer(text: str) -> int:
    """Raises ValueError in Go's words."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"strconv.ParseInt: parsing {go_quote(text)}: invalid syntax")
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"strconv.ParseInt: parsing {go_quote(text)}: value out of range")
    return number


def _time(text: str) -> str | None:
    """Raises ValueError in Go's words."""
    return None if text in ("", "null") else normalise_time(text)


_READERS: Mapping[str, Callable[[str], Any]] = {"text": str, "bool": parse_bool_query, "int": _integer, "time": _time}


def read_options(query: Query, kind: str, fields: Mapping[str, str]) -> Object:
    """An options object; `fields` maps names to text, texts, bool, int, ints or time. Raises StatusError 400."""
    out: Object = {"kind": kind, "apiVersion": "v1"}
    for name, type_name in fields.items():
        values = query.get(name)
        if not values:
            continue
        try:
            if type_name == "texts":
                out[name] = list(values)
            elif type_name == "ints":
                out[name] = [_integer(value) for value in values]
            else:
                out[name] = _READERS[type_name](values[0])
        except (ValueError, TimeError) as error:
            raise bad_request(str(error)) from None
    return out
