"""The language's own conformance cases (cel-spec, Apache-2.0), all but a listed few."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kubern.cel.env import Env
from kubern.cel.errors import CelFailure
from kubern.cel.library.base import base_library
from kubern.cel.library.optionals import optionals_library
from kubern.cel.library.strings import strings_library
from kubern.cel.library.two_variables import two_variables_library
from kubern.cel.runtime.equality import equal
from kubern.cel.runtime.values import NANOS, Duration, Uint, map_key, type_of
from kubern.cel.types import DYN, Kind, Type

CASES = json.loads((Path(__file__).parent / "data" / "conformance.json").read_text())
KNOWN_MISSES = {
    # cel-go, whose answers Kubernetes gives, counts all milliseconds here, not those within the second.
    "timestamps/duration_converters/get_milliseconds",
    # The expected bytes hold a backslash that the expression has not: an escape of the text format was kept.
    "parse/bytes_literals/triple_single_quoted_unescaped_punctuation",
    "parse/bytes_literals/triple_double_quoted_unescaped_punctuation",
}


def plain(tagged: Any) -> Any:
    """The CEL value of a tagged JSON value such as {"int": "1"}."""
    if not isinstance(tagged, dict):
        return tagged
    ((tag, value),) = tagged.items()
    decode: dict[str, Callable[[Any], Any]] = {
        "int": int,
        "uint": lambda text: Uint(int(text)),
        "double": float,
        "bytes": base64.b64decode,
        "list": lambda items: [plain(item) for item in items],
        "map": lambda pairs: {map_key(plain(key)): plain(item) for key, item in pairs},
        "type": lambda name: Type(Kind.TYPE, name),
        "duration": lambda span: Duration(span[0] * NANOS + span[1]),
    }
    return decode[tag](value)


def declared(value: Any) -> Type:
    of = type_of(value)
    return DYN if of.kind in (Kind.LIST, Kind.MAP) else of


@pytest.fixture(scope="module")
def env() -> Env:
    """The language with every extension that the cases use, mixed literals allowed."""
    libraries = (base_library(), optionals_library(), strings_library(version=4), two_variables_library())
    return Env(libraries, homogeneous=False, escaped_identifiers=True)


def passes(env: Env, case: dict[str, Any]) -> bool:
    bindings = {name: plain(value) for name, value in case["bindings"].items()}
    env = env.extend({name: declared(value) for name, value in bindings.items()})
    try:
        if case.get("disable_check"):
            program = env.program(env.parse(case["expr"]))
        else:
            program = env.compile(case["expr"])
        value = program.evaluate(bindings).value
    except CelFailure:
        return "error" in case
    if "error" in case:
        return False
    want = plain(case["value"])
    if want != want:
        return bool(value != value)
    return type_of(value).name == type_of(want).name and equal(value, want)


def test_conformance_cases_pass(env: Env) -> None:
    """Every case gives the value, or the failure, that the specification asks for, but the known ones."""
    missed = {f"{case['file']}/{case['section']}/{case['name']}" for case in CASES if not passes(env, case)}
    assert missed == KNOWN_MISSES
    assert len(CASES) > 1400
