"""Prices of Kubernetes' functions and of the string functions it prices (apiserver's cel/library/cost.go).

The estimates decide which rules a CustomResourceDefinition may hold, so they must be upstream's to the unit.
Next: `schema_sizes.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from kubern.cel.ast import Literal
from kubern.cel.checker.typing_rules import same_type
from kubern.cel.cost.estimate import MAX, ONE, UNKNOWN, CallEstimate, Range, fixed
from kubern.cel.cost.sizes import LIST_CREATE, REGEX_LENGTH, STRING_TRAVERSAL, STRUCT_CREATE
from kubern.cel.types import Kind

if TYPE_CHECKING:
    from kubern.cel.cost.estimator import Estimator, SizedNode

# Two authorization checks may be made per call of an expression.
CHECK_COST = 350_000
# The longest pattern behind a named format, and the largest format (cel/format.go).
MAX_FORMAT_REGEX_SIZE = 128
MAX_FORMAT_SIZE = 64
_PER_REQUIREMENT = float(LIST_CREATE + STRUCT_CREATE)
_ADDRESS = Range(4, 16)


def selector_cost(length: Range) -> Range:
    """The cost of parsing a field or label selector."""
    requirements = length.by_factor(0.5).by_factor(_PER_REQUIREMENT)
    return fixed(LIST_CREATE) + length.by_factor(STRING_TRAVERSAL) + requirements


class _Call:
    """A call to be priced, with sizes as Kubernetes' estimator finds them."""

    __slots__ = ("args", "estimator", "overload", "target")

    def __init__(self, estimator: Estimator, overload: str, target: SizedNode | None, args: list[SizedNode]) -> None:
        self.estimator = estimator
        self.overload = overload
        self.target = target
        self.args = args

    def size(self, node: SizedNode) -> Range:
        """The size of a node, or the range of all sizes."""
        if node.size is not None:
            return node.size
        sizes = self.estimator.sizes
        known = sizes.estimate_size(node) if sizes is not None else None
        return known or UNKNOWN

    def element(self, node: SizedNode) -> SizedNode | None:
        """The items of a list (or the keys of a map) as a node of their own."""
        if not node.type.params:
            return None
        path = None if node.path is None else (*node.path, "@items")
        return type(node)(path, node.type.params[0], None, None)


_Price = Callable[[_Call], "CallEstimate | None"]


def kubernetes_estimate(
    estimator: Estimator,
    function: str,
    overload: str,
    target: SizedNode | None,
    args: list[SizedNode],
) -> CallEstimate | None:
    """The price of a call without its arguments, None where the language's own price holds."""
    price = _PRICES.get(function)
    return None if price is None else price(_Call(estimator, overload, target, args))


def _nominal(_call: _Call) -> CallEstimate | None:
    return CallEstimate(ONE)


def _check(_call: _Call) -> CallEstimate | None:
    return CallEstimate(fixed(CHECK_COST))


def _selector(call: _Call) -> CallEstimate | None:
    if len(call.args) != 1:
        return None
    return CallEstimate(selector_cost(call.size(call.args[0])))


def _list_walk(call: _Call) -> CallEstimate | None:
    if call.target is None:
        return None
    size = call.size(call.target)
    element = call.element(call.target)
    if element is None:
        # indexOf and lastIndexOf of a string.
        return CallEstimate(size.by_factor(STRING_TRAVERSAL))
    per_item = ONE
    if element.type.kind in (Kind.STRING, Kind.BYTES):
        per_item = per_item + call.size(element).by_factor(STRING_TRAVERSAL)
    return CallEstimate(size * per_item)


def _walk_argument(call: _Call) -> CallEstimate | None:
    if len(call.args) != 1:
        return None
    size = call.size(call.args[0])
    return CallEstimate(size.by_factor(STRING_TRAVERSAL), size)


def _walk_target(call: _Call) -> CallEstimate | None:
    if call.target is None:
        return None
    size = call.size(call.target)
    return CallEstimate(size.by_factor(STRING_TRAVERSAL), size)


def _replace(call: _Call) -> CallEstimate | None:
    if call.target is None or len(call.args) < 2:
        return None
    text, old, new = call.size(call.target), call.size(call.args[0]), call.size(call.args[1])
    most, kept_most = _most_replacements(text, old, new)
    least, kept_least = _least_replacements(text, old, new)
    size = Range(least, most) * new + Range(kept_least, kept_most)
    return CallEstimate(text.by_factor(2 * STRING_TRAVERSAL), size)


def _most_replacements(text: Range, old: Range, new: Range) -> tuple[int, int]:
    """How often the longest result replaces something, and what it keeps of the text."""
    if old.low == 0:
        return min(text.high + 1, MAX), text.high
    if new.high <= old.low:
        return 0, text.high
    return math.ceil(float(text.high) / float(old.low)), 0


def _least_replacements(text: Range, old: Range, new: Range) -> tuple[int, int]:
    """The same for the shortest result."""
    if old.high == 0:
        return min(text.low + 1, MAX), text.low
    if old.high <= new.low:
        return 0, text.low
    return math.ceil(float(text.low) / float(old.high)), 0


def _split(call: _Call) -> CallEstimate | None:
    if call.target is None:
        return None
    size = call.size(call.target)
    most = size.high
    if len(call.args) > 1:
        limit = call.args[1].node
        if isinstance(limit, Literal) and type(limit.value) is int:
            most = limit.value % (MAX + 1)
    return CallEstimate(size.by_factor(2 * STRING_TRAVERSAL), Range(0, most))


def _join(call: _Call) -> CallEstimate | None:
    if call.target is None:
        return None
    count, size = call.size(call.target), Range(0, 0)
    element = call.element(call.target)
    if element is not None:
        size = count * call.size(element)
    if call.args:
        separators = Range(max(count.low - 1, 0), max(count.high - 1, 0))
        size = size + call.size(call.args[0]) * separators
    return CallEstimate(size.by_factor(STRING_TRAVERSAL), size)


def _find(call: _Call) -> CallEstimate | None:
    if call.target is None or not call.args:
        return None
    size = call.size(call.target)
    text = (size + ONE).by_factor(STRING_TRAVERSAL)
    pattern = call.size(call.args[0]).by_factor(REGEX_LENGTH)
    return CallEstimate(text * pattern, Range(0, size.high))


def _parse(call: _Call) -> CallEstimate | None:
    return CallEstimate(call.size(call.args[0]).by_factor(STRING_TRAVERSAL))


def _parse_twice(call: _Call) -> CallEstimate | None:
    return CallEstimate(call.size(call.args[0]).by_factor(2 * STRING_TRAVERSAL))


def _ip(call: _Call) -> CallEstimate | None:
    # The address of a CIDR is only a field.
    return _parse(call) if call.args else CallEstimate(ONE)


def _contains_ip(call: _Call) -> CallEstimate | None:
    if call.target is None or not call.args:
        return None
    cost = (_ADDRESS + _ADDRESS).by_factor(STRING_TRAVERSAL)
    if call.overload == "cidr_contains_ip_string":
        cost = cost + call.size(call.args[0]).by_factor(STRING_TRAVERSAL)
    return CallEstimate(cost)


def _contains_cidr(call: _Call) -> CallEstimate | None:
    if call.target is None or not call.args:
        return None
    cost = (_ADDRESS + _ADDRESS).by_factor(STRING_TRAVERSAL)
    cost = cost + _ADDRESS.by_factor(STRING_TRAVERSAL) + ONE
    if call.overload == "cidr_contains_cidr_string":
        cost = cost + call.size(call.args[0]).by_factor(STRING_TRAVERSAL)
    return CallEstimate(cost)


def _validate(call: _Call) -> CallEstimate | None:
    if call.target is None:
        return None
    size = call.size(call.args[0])
    pattern = MAX_FORMAT_REGEX_SIZE * REGEX_LENGTH
    return CallEstimate(size.by_factor(STRING_TRAVERSAL).by_factor(pattern))


_CONSTANT_EQUALITY = frozenset(
    {
        "net.IP",
        "net.CIDR",
        "kubernetes.Quantity",
        "kubernetes.Semver",
        "kubernetes.authorization.Authorizer",
        "kubernetes.authorization.PathCheck",
        "kubernetes.authorization.GroupCheck",
        "kubernetes.authorization.ResourceCheck",
        "kubernetes.authorization.Decision",
    }
)


def _equality(call: _Call) -> CallEstimate | None:
    if len(call.args) != 2 or not same_type(call.args[0].type, call.args[1].type):
        return None
    name = call.args[0].type.name
    if name in _CONSTANT_EQUALITY:
        return CallEstimate(ONE)
    if name == "kubernetes.NamedFormat":
        return CallEstimate(Range(1, MAX_FORMAT_SIZE).by_factor(STRING_TRAVERSAL))
    if name == "kubernetes.URL":
        size = call.args[1].size or ONE
        return CallEstimate(Range(1, size.high).by_factor(STRING_TRAVERSAL))
    return None


_NOMINAL = (
    *("serviceAccount", "path", "group", "resource", "subresource", "namespace", "name"),
    *("allowed", "reason", "error", "errored"),
    *("masked", "prefixLength", "family", "isUnspecified", "isLoopback", "isLinkLocalMulticast"),
    *("isLinkLocalUnicast", "isGlobalUnicast", "format.named"),
    *("sign", "asInteger", "isInteger", "asApproximateFloat", "isGreaterThan", "isLessThan", "compareTo"),
    *("add", "sub", "major", "minor", "patch"),
    *("getScheme", "getHostname", "getHost", "getPort", "getEscapedPath", "getQuery"),
)
_PRICES: dict[str, _Price] = {
    **dict.fromkeys(_NOMINAL, _nominal),
    **dict.fromkeys(("isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"), _list_walk),
    **dict.fromkeys(("url", "jsonpatch.escapeKey"), _walk_argument),
    **dict.fromkeys(("lowerAscii", "upperAscii", "substring", "trim"), _walk_target),
    **dict.fromkeys(("fieldSelector", "labelSelector"), _selector),
    **dict.fromkeys(("find", "findAll"), _find),
    **dict.fromkeys(("cidr", "isIP", "isCIDR", "quantity", "isQuantity", "semver", "isSemver"), _parse),
    "check": _check,
    "replace": _replace,
    "split": _split,
    "join": _join,
    "ip": _ip,
    "ip.isCanonical": _parse_twice,
    "containsIP": _contains_ip,
    "containsCIDR": _contains_cidr,
    "validate": _validate,
    "_==_": _equality,
}
