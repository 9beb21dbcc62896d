"""Prices of function calls: Kubernetes' own, then those of the language (functionCost of cel-go).

Next: `kubernetes_calls.py`, `list_calls.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kubern.cel.ast import Call
from kubern.cel.cost.estimate import MAX, ONE, ZERO, CallEstimate, Range, fixed
from kubern.cel.cost.kubernetes_calls import kubernetes_estimate
from kubern.cel.cost.list_calls import extension_estimate
from kubern.cel.cost.sizes import REGEX_LENGTH, STRING_TRAVERSAL

if TYPE_CHECKING:
    from kubern.cel.cost.estimator import Estimator, SizedNode

_Price = Callable[["_Pricing"], "CallEstimate | None"]


class _Pricing:
    """A call to be priced."""

    __slots__ = ("arg_costs", "args", "estimator", "node", "target")

    def __init__(
        self,
        estimator: Estimator,
        node: Call,
        target: SizedNode | None,
        args: list[SizedNode],
        arg_costs: list[Range],
    ) -> None:
        self.estimator = estimator
        self.node = node
        self.target = target
        self.args = args
        self.arg_costs = arg_costs

    def size(self, index: int) -> Range:
        """The size of an argument."""
        return self.args[index].size or Range(0, MAX)

    def target_size(self) -> Range:
        """The size of the target."""
        size = None if self.target is None else self.target.size
        return size or Range(0, MAX)


def estimate_call(
    estimator: Estimator,
    node: Call,
    overload: str,
    target: SizedNode | None,
    args: list[SizedNode],
    arg_costs: list[Range],
) -> CallEstimate:
    """What one overload of a call costs with its arguments (the target's own cost is not in it)."""
    of_args = sum(arg_costs, ZERO)
    known = extension_estimate(estimator, overload, target, args)
    if known is None:
        known = kubernetes_estimate(estimator, node.function, overload, target, args)
    if known is not None:
        return CallEstimate(known.cost + of_args, known.size)
    pricing = _Pricing(estimator, node, target, args, arg_costs)
    special = _SPECIAL.get(overload)
    if special is not None:
        return special(pricing)
    price = _PRICES.get(overload)
    own = None if price is None else price(pricing)
    if own is None:
        return CallEstimate(ONE + of_args)
    return CallEstimate(own.cost + of_args, own.size)


def _format(call: _Pricing) -> CallEstimate | None:
    if call.target is None:
        return None
    return CallEstimate(call.target_size().by_factor(STRING_TRAVERSAL))


def _to_bytes(call: _Pricing) -> CallEstimate | None:
    size = call.size(0)
    # A character may become four bytes; the product wraps around like Go's.
    return CallEstimate(size.by_factor(STRING_TRAVERSAL), Range(size.low, size.high * 4 % (MAX + 1)))


def _to_text(call: _Pricing) -> CallEstimate | None:
    size = call.size(0)
    return CallEstimate(size.by_factor(STRING_TRAVERSAL), Range(size.low // 4, size.high))


def _quote(call: _Pricing) -> CallEstimate | None:
    size = call.size(0)
    longest = (size.high * 2 + 2) % (MAX + 1)
    return CallEstimate(size.by_factor(STRING_TRAVERSAL), Range(size.low + 2, longest))


def _prefix(call: _Pricing) -> CallEstimate | None:
    return CallEstimate(call.size(0).by_factor(STRING_TRAVERSAL))


def _in_list(call: _Pricing) -> CallEstimate | None:
    return CallEstimate(call.size(1).by_factor(1))


def _matches(call: _Pricing) -> CallEstimate | None:
    if call.target is None:
        return None
    text = (call.target_size() + ONE).by_factor(STRING_TRAVERSAL)
    return CallEstimate(text * call.size(0).by_factor(REGEX_LENGTH))


def _contains(call: _Pricing) -> CallEstimate | None:
    if call.target is None:
        return None
    text = call.target_size().by_factor(STRING_TRAVERSAL)
    return CallEstimate(text * call.size(0).by_factor(STRING_TRAVERSAL))


def _concatenation(call: _Pricing) -> CallEstimate | None:
    left, right = (arg.node for arg in call.args)
    if left is not None and right is not None:
        entries = call.estimator.entries(left)
        if entries is not None:
            call.estimator.set_entries(call.node, entries.union(call.estimator.entries(right)))
    size = call.size(0) + call.size(1)
    return CallEstimate(size.by_factor(STRING_TRAVERSAL), size)


def _list_concatenation(call: _Pricing) -> CallEstimate | None:
    joined = _concatenation(call)
    return None if joined is None else CallEstimate(ONE, joined.size)


def _comparison(call: _Pricing) -> CallEstimate | None:
    most = min(call.size(0).high, call.size(1).high)
    return CallEstimate(Range(1 if most > 0 else 0, most).by_factor(STRING_TRAVERSAL))


def _logical(call: _Pricing) -> CallEstimate:
    left, right = call.arg_costs
    return CallEstimate(Range(left.low, (left + right).high))


def _conditional(call: _Pricing) -> CallEstimate:
    condition, when_true, when_false = call.arg_costs
    first, second = call.args[1].node, call.args[2].node
    if first is not None and second is not None:
        entries = call.estimator.entries(first)
        if entries is not None:
            call.estimator.set_entries(call.node, entries.union(call.estimator.entries(second)))
    return CallEstimate(condition + when_true.union(when_false), call.size(1).union(call.size(2)))


# These price their arguments themselves, because they need not evaluate all of them.
_SPECIAL: dict[str, Callable[[_Pricing], CallEstimate]] = {
    "logical_and": _logical,
    "logical_or": _logical,
    "conditional": _conditional,
}
_COMPARISONS = tuple(
    f"{word}_{kind}" for word in ("less", "greater", "less_equals", "greater_equals") for kind in ("string", "bytes")
)
_PRICES: dict[str, _Price] = {
    "string_format": _format,
    "string_to_bytes": _to_bytes,
    "bytes_to_string": _to_text,
    "strings_quote": _quote,
    "starts_with_string": _prefix,
    "ends_with_string": _prefix,
    "in_list": _in_list,
    "matches_string": _matches,
    "contains_string": _contains,
    "add_string": _concatenation,
    "add_bytes": _concatenation,
    "add_list": _list_concatenation,
    **dict.fromkeys((*_COMPARISONS, "equals", "not_equals"), _comparison),
}

__all__ = ["estimate_call", "fixed"]
