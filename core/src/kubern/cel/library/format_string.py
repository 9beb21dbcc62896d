"""format() as Kubernetes has it (ext/strings below version 4): numbers in the American locale, nested values
as CEL literals.

Next: `format_values.py`.
"""

from __future__ import annotations

import math
from typing import Any

from kubern.cel.library.conversions import to_string
from kubern.cel.library.format_clauses import FormatError, wrong_type
from kubern.cel.library.format_values import DEFAULT_PRECISION, INTEGERS, ValueClauses, formatter
from kubern.cel.runtime.access import find, iterate
from kubern.cel.runtime.times import format_duration, format_timestamp
from kubern.cel.runtime.values import Duration, Timestamp, type_of
from kubern.cel.types import Type
from kubern.util.goquote import go_quote

_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class _Clauses(ValueClauses):
    def list(self, items: Any) -> str:
        return "[" + ", ".join(_literal(item) for item in iterate(items)) + "]"

    def map(self, value: Any) -> str:
        pairs = sorted((_key(key), _literal(find(value, key))) for key in iterate(value))
        return "{" + ", ".join(f"{key}:{item}" for key, item in pairs) + "}"

    def fixed(self, argument: Any, precision: int | None) -> str:
        value = _double("fixed", argument)
        if not math.isfinite(value):
            return _not_finite(value)
        return f"{value:,.{DEFAULT_PRECISION if precision is None else precision}f}"

    def scientific(self, argument: Any, precision: int | None) -> str:
        value = _double("scientific", argument)
        if not math.isfinite(value):
            return _not_finite(value)
        mantissa, _, exponent = f"{value:.{DEFAULT_PRECISION}e}".partition("e")
        power = exponent.lstrip("+").translate(_SUPERSCRIPT)
        text = f"{mantissa}\u00a0×\u00a010{power}"
        # cel-go hands the precision over as a width.
        return text.rjust(precision or 0)


def _double(clause: str, argument: Any) -> float:
    if type(argument) is float:
        return argument
    if type(argument) is str and argument in _SPECIAL:
        return _SPECIAL[argument]
    raise wrong_type(clause, type_of(argument).name)


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "∞" if value > 0 else "-∞"


def _key(key: Any) -> str:
    if type(key) is str:
        return go_quote(key)
    if type(key) is bool:
        return "true" if key else "false"
    if type(key) in INTEGERS:
        return str(int(key))
    raise FormatError(f"no formatting function for map key of type {type_of(key).name}")


def _literal(value: Any) -> str:
    """A value inside a list or map, written as a CEL literal."""
    if isinstance(value, float):
        return f"{value:.6f}" if math.isfinite(value) else go_quote(_fmt_special(value))
    if isinstance(value, Timestamp):
        return f"timestamp({go_quote(format_timestamp(value))})"
    if isinstance(value, Duration):
        return f"duration({go_quote(format_duration(value))})"
    if isinstance(value, str):
        return go_quote(value)
    text = _CLAUSES.string(value)
    if isinstance(value, bytes):
        return f"b{go_quote(text)}"
    if text and to_string(value) is None and not _is_container(value) and value is not None:
        raise FormatError(f"no formatting function for {type_of(value).name}")
    return text


def _is_container(value: Any) -> bool:
    return isinstance(value, Type) or type_of(value).name in ("list", "map")


def _fmt_special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "+Inf" if value > 0 else "-Inf"


_CLAUSES = _Clauses()
format_string = formatter(_CLAUSES)
