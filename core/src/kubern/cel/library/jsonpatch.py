"""jsonpatch.escapeKey() (apiserver's cel/library/jsonpatch.go), for mutating admission policies only.

Next: `../mutation.py`.
"""

from __future__ import annotations

from typing import Any

from kubern.cel.cost.sizes import traversal_cost
from kubern.cel.declarations import Function, Library, overload
from kubern.cel.types import STRING


def _escape_key(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _cost(args: tuple[Any, ...], _result: Any) -> int:
    return traversal_cost(len(args[0]))


def jsonpatch_library() -> Library:
    """Keys in JSON patch paths."""
    escape = overload("jsonpatch_escapeKey_string", (STRING,), STRING, _escape_key)
    return Library(
        name="kubernetes.jsonpatch",
        functions=(Function("jsonpatch.escapeKey", escape),),
        costs={"jsonpatch_escapeKey_string": _cost},
    )
