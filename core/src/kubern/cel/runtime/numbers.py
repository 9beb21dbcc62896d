"""Doubles as Go reads them (strconv.ParseFloat).

Next: `../library/conversions.py`; `kubern.util.gofloat` prints them.
"""

from __future__ import annotations

import math
import re

_FLOAT = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    r"|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)",
    re.ASCII,
)
_SPECIAL = re.compile(r"[+-]?(?:inf|infinity|nan)", re.ASCII | re.IGNORECASE)
_SIGNED_NAN = re.compile(r"[+-]nan", re.IGNORECASE)
_MAX_LENGTH = 1000


def parse_double(text: str) -> float | None:
    """strconv.ParseFloat; None where it gives an error, also for numbers out of range."""
    if len(text) > _MAX_LENGTH:
        return None
    if _SPECIAL.fullmatch(text):
        return None if _SIGNED_NAN.fullmatch(text) else float(text)
    if _FLOAT.fullmatch(text) is None:
        return None
    try:
        value = float.fromhex(text) if "x" in text.lower() else float(text)
    except OverflowError:
        return None
    return None if math.isinf(value) else value
