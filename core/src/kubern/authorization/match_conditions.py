"""Which requests an authorization webhook is asked about: CEL on the spec of the SubjectAccessReview.

Upstream: authorization/cel. Next: `../cel/kubernetes.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kubern.authorization.webhook import MatchError
from kubern.cel.errors import CelFailure
from kubern.cel.kubernetes import PER_CALL_LIMIT, base_env
from kubern.cel.types import BOOL, DYN
from kubern.util.aggregate import aggregate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubern.cel.env import Env

Object = dict[str, Any]
_TEXTS = ("namespace", "verb", "group", "version", "resource", "subresource", "name")


@lru_cache(maxsize=1)
def _env() -> Env:
    return base_env().extend(variables={"request": DYN})


def expression_problem(expression: str) -> str:
    """Why an expression cannot be a condition, "" when it can."""
    try:
        program = _env().compile(expression)
    except CelFailure as error:
        return f"compilation failed: {error}"
    return "" if program.output_type in (BOOL, DYN) else "must evaluate to bool"


class MatchConditions:
    """All must be true; one that is false outweighs errors of others."""

    def __init__(self, expressions: Sequence[str]) -> None:
        self._programs = [(text, _env().compile(text)) for text in expressions]

    def match(self, spec: Object) -> bool:
        """Whether the webhook is asked. Raises MatchError."""
        errors = []
        request = _whole(spec)
        for text, program in self._programs:
            try:
                value = program.evaluate({"request": request}, PER_CALL_LIMIT).value
            except CelFailure as error:
                errors.append(f"expression {text!r} failed: {error}")
                continue
            if value is not True:
                return False
        if errors:
            raise MatchError(aggregate(errors))
        return True


def _whole(spec: Object) -> Object:
    """The spec with all its members, as the typed object has them."""
    out: Object = {"user": "", "uid": "", "groups": [], "extra": {}, **spec}
    if "resourceAttributes" in spec:
        out["resourceAttributes"] = {**dict.fromkeys(_TEXTS, ""), **spec["resourceAttributes"]}
    return out
