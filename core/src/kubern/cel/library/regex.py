"""find() and findAll() (apiserver's cel/library/regex.go).

Next: `../runtime/regex.py`.
"""

from __future__ import annotations

from typing import Any

from kubern.cel.declarations import Function, Library, member
from kubern.cel.errors import CelError, CostLimitExceeded
from kubern.cel.runtime.regex import compile_pattern, search_cost
from kubern.cel.types import INT, STRING, list_of

# Differs from kube-apiserver: it has no bound, but finds faster.
_MAX_FOUND = 20_000
_SEARCHES = ("string_find_string", "string_find_all_string", "string_find_all_string_int")


def _compiled(pattern: str) -> Any:
    try:
        return compile_pattern(pattern)
    except CelError as error:
        raise CelError(f"Illegal regex: {error}") from None


def _find(text: str, pattern: str) -> str:
    match = _compiled(pattern).search(text)
    return "" if match is None else str(match.group())


def _find_all(text: str, pattern: str) -> list[str]:
    return _find_some(text, pattern, -1)


def _find_some(text: str, pattern: str, limit: int) -> list[str]:
    found: list[str] = []
    last_end = -1
    for match in _compiled(pattern).finditer(text):
        if 0 <= limit <= len(found):
            break
        # Go leaves out an empty match that touches the one before.
        if match.start() != match.end() or match.start() != last_end:
            if len(found) >= _MAX_FOUND:
                raise CostLimitExceeded
            found.append(match.group())
        last_end = match.end()
    return found


def _cost(args: tuple[Any, ...], _result: Any) -> int:
    return search_cost(args[0], args[1])


def regex_library() -> Library:
    """Searches that give what they found."""
    return Library(
        name="kubernetes.regex",
        functions=(
            Function("find", member("string_find_string", (STRING, STRING), STRING, _find)),
            Function(
                "findAll",
                member("string_find_all_string", (STRING, STRING), list_of(STRING), _find_all),
                member("string_find_all_string_int", (STRING, STRING, INT), list_of(STRING), _find_some),
            ),
        ),
        costs=dict.fromkeys(_SEARCHES, _cost),
        slow=frozenset(_SEARCHES),
    )
