"""Costs: estimates when rules are defined, limits while they run."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kubern.cel import types
from kubern.cel.cost.estimate import Range
from kubern.cel.cost.schema_sizes import SchemaSizes
from kubern.cel.errors import Cancelled, CelError, CompileErrors, CostLimitExceeded, Interrupted
from kubern.cel.kubernetes import STATIC_ESTIMATED_COST_LIMIT, base_env
from kubern.cel.openapi import decl_type

INT = {"type": "integer"}
TEXT = {"type": "string", "maxLength": 10}


def estimate(schema: dict[str, Any], rule: str) -> Range:
    decl = decl_type(schema, "selfType")
    assert decl is not None
    env = base_env().extend(variables={"self": decl, "oldSelf": decl})
    return env.compile(rule).estimate_cost(SchemaSizes(decl))


@pytest.mark.parametrize(
    ("schema", "rule", "low", "high"),
    [
        (INT, "self > 0", 2, 2),
        ({"type": "object", "properties": {"a": INT}}, "self.a > 0 && self.a < 5", 3, 6),
        ({"type": "object", "properties": {"a": INT}}, "has(self.a)", 1, 1),
        (TEXT, "self == 'abc'", 2, 2),
        (TEXT, "self.startsWith('abc')", 2, 2),
        (TEXT, "self.matches('[a-z]+')", 3, 11),
        (TEXT, "self.contains('abc')", 1, 5),
        (TEXT, "self.size() > 3", 3, 3),
        ({"type": "array", "maxItems": 10, "items": INT}, "self.all(x, x > 0)", 2, 52),
        ({"type": "array", "maxItems": 10, "items": INT}, "self.isSorted()", 1, 11),
        ({"type": "array", "maxItems": 10, "items": TEXT}, "self.exists(x, x == 'a')", 2, 62),
        (INT, "'got %d'.format([self])", 12, 12),
        (TEXT, "self + self == 'a'", 3, 11),
        (TEXT, "self.split(',').size() == 2", 3, 11),
        (INT, "quantity('1Gi').isLessThan(quantity('2Gi'))", 3, 3),
        (INT, "quantity('1Gi') == quantity('2Gi')", 3, 3),
        (INT, "[1, 2, 3].all(x, x > self)", 20, 29),
    ],
)
def test_estimates(schema: dict[str, Any], rule: str, low: int, high: int) -> None:
    """The estimate is upstream's to the unit."""
    assert estimate(schema, rule) == Range(low, high)


@pytest.mark.parametrize(
    ("text", "low", "high", "actual"),
    [
        ("url('https:://kubernetes.io/').getScheme()", 4, 4, 4),
        ("ip('192.168.0.1')", 2, 2, 2),
        ("ip('2001:db8:3333:4444:5555:6666:7777:8888').family()", 5, 5, 5),
        ("ip.isCanonical('192.168.0.1')", 3, 3, 3),
        ("cidr('192.168.0.0/16').ip()", 3, 3, 3),
        ("cidr('192.168.0.0/16').containsCIDR(cidr('192.0.0.0/30'))", 7, 11, 7),
        ("cidr('192.168.0.0/16').containsCIDR('192.0.0.0/30')", 7, 11, 7),
        ("cidr('192.168.0.0/16').containsIP(ip('192.169.0.1'))", 5, 8, 5),
        ("cidr('2001:db8::/32').containsIP('2001:db8:3333:4444:5555:6666:7777:8888')", 7, 10, 7),
        ("'ABCDEFGHIJ abcdefghij'.lowerAscii() == 'abcdefghij ABCDEFGHIJ'.lowerAscii()", 7, 9, 9),
        ("strings.quote('ABCDEFGHIJ abcdefghij') == strings.quote('ABCDEFGHIJ abcdefghij')", 7, 11, 9),
        ("'abc 123 def 123'.replace('123', '456', 1)", 3, 3, 3),
        ("'abc 123 def 123'.split(' ', 1)", 3, 3, 3),
        ("'abc 123 def 123'.substring(5, 8)", 2, 2, 2),
        ("'abc 123 def 123'.findAll('123', 1)", 2, 2, 2),
        ("'01234567890123456789012345678901234567890123456789'.indexOf('123')", 5, 5, 5),
        ("isQuantity('20')", 1, 1, 1),
        ("quantity('50k').add(20).sub(quantity('100k')).sub(-50000).asInteger() > 0", 7, 7, 7),
    ],
)
def test_library_costs(text: str, low: int, high: int, actual: int) -> None:
    """Library functions are estimated and charged as upstream's own tests demand."""
    program = base_env().compile(text)
    assert program.estimate_cost() == Range(low, high)
    assert program.evaluate({}).cost == actual


def test_unbounded_inputs_are_too_expensive() -> None:
    """Nested loops over lists without limits, and texts of unknown length, go over every limit."""
    unbounded = {"type": "array", "items": {"type": "string"}}
    assert estimate(unbounded, "self.all(x, self.all(y, x == y))").high > 100 * STATIC_ESTIMATED_COST_LIMIT
    assert estimate(INT, "'got ' + string(self)").high > 100 * STATIC_ESTIMATED_COST_LIMIT
    bounded = {"type": "array", "maxItems": 10, "items": TEXT}
    assert estimate(bounded, "self.all(x, self.all(y, x == y))").high < STATIC_ESTIMATED_COST_LIMIT


def run(rule: str, value: Any, **options: Any) -> Any:
    env = base_env().extend(variables={"self": types.DYN})
    return env.compile(rule).evaluate({"self": value}, **options)


@pytest.mark.parametrize(
    ("rule", "cost"),
    [
        ("self.a > 1", 3),
        ("has(self.a)", 1),
        ("self.l.all(x, x > 0)", 3 + 3 * 5),
        ("self.l.exists(x, x > 2)", 3 + 3 * 6),
        ("self.l.map(x, x)", 3 + 3 * 13),
        ("self.l.filter(x, x > 1)", 3 + 3 * 2 + 1 + 2 * 13),
        ("self.s.startsWith('a')", 4),
        ("self.s.matches('a.*z')", 2 + 3 * 1),
        ("2 in [1, 2, 3]", 0),
        ("2 in self.l", 2 + 3),
        ("self.a == 3 || self.a == 4", 3),
    ],
)
def test_actual_costs(rule: str, cost: int) -> None:
    """An evaluation costs what upstream's tracker counts."""
    assert run(rule, {"a": 3, "l": [1, 2, 3], "s": "abcdefghijklmnopqrst"}).cost == cost


def test_the_limit_stops_an_evaluation() -> None:
    """Going over the limit ends the evaluation; nothing absorbs it, and it says what was spent."""
    with pytest.raises(CostLimitExceeded, match="operation cancelled: actual cost limit exceeded") as caught:
        run("self.all(x, self.all(y, x + y >= 0)) || true", list(range(100)), limit=1000)
    assert 1000 < caught.value.cost < 1100
    assert not isinstance(caught.value, CelError)


def test_what_is_slow_for_its_cost_is_interrupted() -> None:
    """Patterns that are made anew for every item cost little and take long; the clock stops them."""
    rule = "self.all(x, 'aaaa'.matches('a{0,' + string(x) + '}b') || true)"
    with pytest.raises(Interrupted, match="operation interrupted"):
        run(rule, [900 - i % 500 for i in range(50_000)])


def test_what_is_busy_ends_by_its_cost() -> None:
    """A loop that runs long and costs accordingly has the time its limit allows."""
    with pytest.raises(CostLimitExceeded):
        run("self.all(x, self.all(y, x >= 0))", list(range(1000)), limit=2_000_000)


HOSTILE = {
    "nested loops": "self.l.all(x, self.l.all(y, self.l.all(z, x + y + z >= 0)))",
    "doubled text": "[self.s]" + ".map(x, x + x)" * 30,
    "doubled list": "[self.l]" + ".map(x, x + x)" * 60,
    "replacing nothing": "self.s.replace('', self.s)",
    "joining": "self.l.map(x, self.s).join(self.s)",
    "formatting": "self.l.map(x, '%s%s%s%s'.format([self.s, self.s, self.s, self.s]).size())",
    "ranges": "self.l.map(x, lists.range(500000).size())",
    "quadratic": "lists.range(50000).distinct()",
    "patterns": "self.l.all(x, !self.s.matches('^(a?){50}b'))",
    "finding": "self.l.map(x, self.s.findAll('a'))",
    "a pattern with many states": "self.l.all(x, !self.s.matches('(a|b)*b(a|b){900}c'))",
    "patterns made of data": "self.l.all(x, 'aaaa'.matches('a{0,' + string(x % 900) + '}b') || true)",
    "order": "self.l.all(x, self.l.isSorted() && self.l.max() > 0)",
    "maps of maps": "self.l.transformMapEntry(i, v, {i: self.l.transformMapEntry(j, w, {j: w})})",
}


@pytest.mark.parametrize("rule", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.usefixtures("no_garbage_collection")
def test_hostile_rules_end_soon(rule: str) -> None:
    """Rules that would take all time or memory are stopped within a fifth of a second of the processor's time."""
    value = {"l": list(range(1000)), "s": "a" * 100_000}
    program = base_env().extend(variables={"self": types.DYN}).compile(rule)
    started = time.thread_time()
    with pytest.raises(Cancelled):
        program.evaluate({"self": value})
    assert time.thread_time() - started < 0.2 * SLACK * slowness()


HOSTILE_TEXTS = {
    "open parentheses": "(" * 99_000,
    "nesting": "[" * 49_000 + "]" * 49_000,
    "closing": ")" * 99_000,
    "operators": "+ " * 49_000,
    "tokens": "1 1 " * 24_000,
    "members": "self" + ".a" * 49_000,
    "calls": "self" + ".trim()" * 12_000,
    "ternaries": "?".join(["true"] * 10_000) + ":1" * 9_999,
    "unknown characters": "@" * 99_000,
    "quotes": "'" * 50_001,
    "undeclared names": "[" + ",".join(f"u{i}" for i in range(10_000)) + "]",
    "types that double": "[1]" + ".map(x, {x: x})" * 100,
    "types that double, compared": "[1]" + ".map(x, {x: x})" * 60 + " == [1u]" + ".map(x, {x: x})" * 60,
    "too long": "1+" * 60_000 + "1",
}


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS.keys())
@pytest.mark.usefixtures("no_garbage_collection")
def test_hostile_texts_are_refused_soon(text: str) -> None:
    """Expressions that would keep the parser or the checker busy are refused within a fifth of a second."""
    env = base_env().extend(variables={"self": types.DYN})
    env.compile("self == 1")
    started = time.thread_time()
    with pytest.raises(CompileErrors):
        env.compile(text)
    assert time.thread_time() - started < 0.2 * SLACK * slowness()


SLACK = 10
"""Other processes spoil caches, and what is to be caught here takes many seconds to ages."""


@pytest.fixture
def no_garbage_collection() -> Iterator[None]:
    """Keeps the objects of other tests, which a collection would go through, out of the time that is taken."""
    gc.disable()
    yield
    gc.enable()


def slowness() -> float:
    """How much slower this machine is than the one the bounds are meant for; never less than 1."""
    started = time.thread_time()
    sum(i * i for i in range(200_000))
    return max(1.0, (time.thread_time() - started) / 0.012)


def test_macros_that_copy_do_not_grow() -> None:
    """optMap() uses its target twice; nesting it does not double the work each time."""
    rule = "optional.of(1)" + ".optMap(x, x + 1)" * 60
    started = time.perf_counter()
    program = base_env().compile(rule)
    assert program.estimate_cost().high > 10**18
    with pytest.raises(Cancelled):
        program.evaluate({})
    assert time.perf_counter() - started < 2.0
