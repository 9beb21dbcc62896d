"""The string functions of cel-go's ext/strings: charAt, indexOf, join, replace, split, format and their kin.

Positions count code points. Next: `format_string.py`, `format_string_v4.py` for format().
"""

from __future__ import annotations

from typing import Any

from kubern.cel.cost.sizes import actual_size, traversal_cost
from kubern.cel.declarations import CallCost, Function, Library, member, overload
from kubern.cel.errors import CelError, CostLimitExceeded
from kubern.cel.runtime.arithmetic import MAX_LENGTH
from kubern.cel.types import DYN, INT, STRING, list_of

# What Go's unicode.IsSpace takes for a space.
_SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
# The length up to which the result of format() is free.
_FREE_RESULT = 10_000
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_QUOTED = str.maketrans(
    {
        "\a": "\\a",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\v": "\\v",
        "\\": "\\\\",
        '"': '\\"',
    }
)


def _out_of_range(position: int) -> CelError:
    return CelError(f"index out of range: {position}")


def _char_at(text: str, position: int) -> str:
    if not 0 <= position <= len(text):
        raise _out_of_range(position)
    return text[position : position + 1]


def _index_of(text: str, part: str) -> int:
    return text.find(part)


def _index_of_from(text: str, part: str, start: int) -> int:
    if part == "":
        return start
    # An offset equal to the length is allowed, as in Java.
    if not 0 <= start <= len(text):
        raise _out_of_range(start)
    return text.find(part, start)


def _last_index_of(text: str, part: str) -> int:
    return text.rfind(part)


def _last_index_of_from(text: str, part: str, last: int) -> int:
    if part == "":
        return last
    if not 0 <= last <= len(text):
        raise _out_of_range(last)
    return text.rfind(part, 0, last + len(part))


def _lower(text: str) -> str:
    return text.translate(_LOWER)


def _upper(text: str) -> str:
    return text.translate(_UPPER)


def _replace(text: str, old: str, new: str) -> str:
    return _replace_some(text, old, new, -1)


def _replace_some(text: str, old: str, new: str, limit: int) -> str:
    if len(new) > len(old):
        # The result may be much longer than what is charged for; refuse before building it.
        count = len(text) + 1 if old == "" else text.count(old)
        if 0 <= limit < count:
            count = limit
        if len(text) + count * (len(new) - len(old)) > MAX_LENGTH:
            raise CostLimitExceeded
    return text.replace(old, new, limit if limit >= 0 else -1)


def _split(text: str, separator: str) -> list[str]:
    return _split_some(text, separator, -1)


def _split_some(text: str, separator: str, limit: int) -> list[str]:
    if limit == 0:
        return []
    if limit == 1:
        return [text]
    if separator == "":
        if limit < 0 or limit >= len(text):
            return list(text)
        return [*text[: limit - 1], text[limit - 1 :]]
    return text.split(separator, limit - 1 if limit > 0 else -1)


def _substring(text: str, start: int) -> str:
    if not 0 <= start <= len(text):
        raise _out_of_range(start)
    return text[start:]


def _substring_range(text: str, start: int, end: int) -> str:
    if start > end:
        raise CelError(f"invalid substring range. start: {start}, end: {end}")
    if not 0 <= start <= len(text):
        raise _out_of_range(start)
    if not 0 <= end <= len(text):
        raise _out_of_range(end)
    return text[start:end]


def _trim(text: str) -> str:
    return text.strip(_SPACES)


def _reverse(text: str) -> str:
    return text[::-1]


def _join(items: Any) -> str:
    return _join_with(items, "")


def _join_with(items: Any, separator: str) -> str:
    length = 0
    parts: list[str] = []
    for item in items:
        if type(item) is not str:
            raise CelError(f"join: invalid input: {item}")
        length += len(item) + len(separator)
        if length > MAX_LENGTH:
            raise CostLimitExceeded
        parts.append(item)
    return separator.join(parts)


def quote(text: str) -> str:
    """strings.quote(text)"""
    return f'"{text.translate(_QUOTED)}"'


def _walk(factor: int = 1) -> CallCost:
    def cost(args: tuple[Any, ...], _result: Any) -> int:
        return traversal_cost(actual_size(args[0]) * factor)

    return cost


def _result_cost(_args: tuple[Any, ...], result: Any) -> int:
    return traversal_cost(len(result) * 2)


def _format_cost(args: tuple[Any, ...], result: Any) -> int:
    # Differs from kube-apiserver: very long results cost something too, since they take time and room.
    return traversal_cost(len(args[0])) + traversal_cost(max(0, len(result) - _FREE_RESULT))


def _list_cost(args: tuple[Any, ...], _result: Any) -> int:
    # Kubernetes prices indexOf as a walk over the value, rounded down for text.
    return int(len(args[0].encode()) * 0.1)


def strings_library(version: int = 2) -> Library:
    """The string library of a version: Kubernetes has 2; reverse() came with 3, another format() with 4."""
    from kubern.cel.library import format_string, format_string_v4

    formatter = format_string.format_string if version < 4 else format_string_v4.format_string
    functions = [
        Function("charAt", member("string_char_at_int", (STRING, INT), STRING, _char_at)),
        Function(
            "indexOf",
            member("string_index_of_string", (STRING, STRING), INT, _index_of),
            member("string_index_of_string_int", (STRING, STRING, INT), INT, _index_of_from),
        ),
        Function(
            "lastIndexOf",
            member("string_last_index_of_string", (STRING, STRING), INT, _last_index_of),
            member("string_last_index_of_string_int", (STRING, STRING, INT), INT, _last_index_of_from),
        ),
        Function("lowerAscii", member("string_lower_ascii", (STRING,), STRING, _lower)),
        Function("upperAscii", member("string_upper_ascii", (STRING,), STRING, _upper)),
        Function(
            "replace",
            member("string_replace_string_string", (STRING, STRING, STRING), STRING, _replace),
            member("string_replace_string_string_int", (STRING, STRING, STRING, INT), STRING, _replace_some),
        ),
        Function(
            "split",
            member("string_split_string", (STRING, STRING), list_of(STRING), _split),
            member("string_split_string_int", (STRING, STRING, INT), list_of(STRING), _split_some),
        ),
        Function(
            "substring",
            member("string_substring_int", (STRING, INT), STRING, _substring),
            member("string_substring_int_int", (STRING, INT, INT), STRING, _substring_range),
        ),
        Function("trim", member("string_trim", (STRING,), STRING, _trim)),
        Function("format", member("string_format", (STRING, list_of(DYN)), STRING, formatter)),
        Function("strings.quote", overload("strings_quote", (STRING,), STRING, quote)),
        Function(
            "join",
            member("list_join", (list_of(STRING),), STRING, _join),
            member("list_join_string", (list_of(STRING), STRING), STRING, _join_with),
        ),
    ]
    if version >= 3:
        functions.append(Function("reverse", member("string_reverse", (STRING,), STRING, _reverse)))
    results = {"list_join": _result_cost, "list_join_string": _result_cost, "string_format": _format_cost}
    return Library(name="strings", functions=tuple(functions), costs=_costs(), result_costs=results)


def _costs() -> dict[str, CallCost]:
    return {
        **dict.fromkeys(
            (
                "string_index_of_string",
                "string_index_of_string_int",
                "string_last_index_of_string",
                "string_last_index_of_string_int",
            ),
            _list_cost,
        ),
        **dict.fromkeys(
            (
                "string_lower_ascii",
                "string_upper_ascii",
                "string_substring_int",
                "string_substring_int_int",
                "string_trim",
                "strings_quote",
            ),
            _walk(),
        ),
        **dict.fromkeys(
            (
                "string_replace_string_string",
                "string_replace_string_string_int",
                "string_split_string",
                "string_split_string_int",
            ),
            _walk(2),
        ),
    }
