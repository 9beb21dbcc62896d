"""format() of ext/strings from version 4 on: no locale, nested values in plain text (the CEL specification).

Kubernetes 1.36 does not use it yet. Next: `format_values.py`.
"""

from __future__ import annotations

import math
from typing import Any

from kubern.cel.library.format_clauses import wrong_type
from kubern.cel.library.format_values import DEFAULT_PRECISION, INTEGERS, ValueClauses, formatter
from kubern.cel.runtime.access import find, iterate
from kubern.cel.runtime.values import type_of
from kubern.util.gofloat import format_value

_NUMBERS = INTEGERS | {float}


class _Clauses(ValueClauses):
    def string(self, argument: Any) -> str:
        return _float_text(argument) if type(argument) is float else super().string(argument)

    def list(self, items: Any) -> str:
        return "[" + ", ".join(self.string(item) for item in iterate(items)) + "]"

    def map(self, value: Any) -> str:
        pairs = sorted((self.string(key), self.string(find(value, key))) for key in iterate(value))
        return "{" + ", ".join(f"{key}: {item}" for key, item in pairs) + "}"

    def decimal(self, argument: Any) -> str:
        return _float_text(argument) if type(argument) is float else super().decimal(argument)

    def fixed(self, argument: Any, precision: int | None) -> str:
        value = _number("fixed", argument)
        return _special(value) or f"{value:.{DEFAULT_PRECISION if precision is None else precision}f}"

    def scientific(self, argument: Any, precision: int | None) -> str:
        value = _number("scientific", argument)
        return _special(value) or f"{value:.{DEFAULT_PRECISION if precision is None else precision}e}"


def _number(clause: str, argument: Any) -> float:
    if type(argument) not in _NUMBERS:
        raise wrong_type(clause, type_of(argument).name)
    return float(argument)


def _float_text(value: float) -> str:
    return _special(value) or format_value(value)


def _special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return ""


format_string = formatter(_Clauses())
