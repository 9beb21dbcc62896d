"""Where in a schema a rule stands, as far as its cost is concerned (upstream: CELSchemaContext, TotalCost).

Next: `rules.py`.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path

Schema = dict[str, Any]

COST_LIMIT: Final = 10_000_000
"""Of one expression."""
TOTAL_COST_LIMIT: Final = 100_000_000
"""Of all expressions of one schema."""
MAX_UINT64: Final = 2**64 - 1
_REPORTED: Final = 4


def cost_message(what: str, cost: int, limit: int) -> str:
    """By how much a limit is exceeded, less exact the worse it is."""
    factor = cost / limit
    if factor > 100:
        shown = "more than 100x"
    elif factor < 1.5:
        shown = f"{factor:.6f}x"
    else:
        shown = f"{factor:.1f}x"
    return (
        f"{what} exceeds budget by factor of {shown} (try simplifying the rule, or adding maxItems, maxProperties, and "
        "maxLength where arrays, maps, and strings are declared)"
    )


@dataclasses.dataclass(slots=True)
class TotalCost:
    """The cost of all rules of a schema, and the few that cost most."""

    total: int = 0
    most_expensive: list[tuple[int, Path]] = dataclasses.field(default_factory=list)

    def observe(self, path: Path, cost: int) -> None:
        self.total = min(self.total + cost, MAX_UINT64)
        if cost < TOTAL_COST_LIMIT // 100:
            return
        self.most_expensive.append((cost, path))
        self.most_expensive.sort(key=lambda entry: -entry[0])
        del self.most_expensive[_REPORTED:]


@dataclasses.dataclass(frozen=True, slots=True)
class RuleContext:
    """A node: how many times it can occur in an object (None: without bound), and the schema's total."""

    schema: Schema
    is_root: bool
    max_cardinality: int | None
    total: TotalCost

    @classmethod
    def root(cls, schema: Schema) -> RuleContext:
        return cls(schema, True, 1, TotalCost())

    def property(self, child: Schema) -> RuleContext:
        return RuleContext(child, False, self.max_cardinality, self.total)

    def items(self, child: Schema) -> RuleContext:
        return self._elements(child, self.schema.get("maxItems"))

    def values(self, child: Schema) -> RuleContext:
        return self._elements(child, self.schema.get("maxProperties"))

    def _elements(self, child: Schema, maximum: int | None) -> RuleContext:
        cardinality: int | None = None
        if maximum is not None and self.max_cardinality is not None:
            cardinality = min(max(maximum, 0) * self.max_cardinality, MAX_UINT64)
        return RuleContext(child, False, cardinality, self.total)

    def expression_cost(self, max_cost: int, min_size: int) -> int:
        """The cost of an expression in all places together; `min_size` bounds how many places fit a request."""
        from kubern.cel.schema import MAX_REQUEST_SIZE_BYTES

        times = self.max_cardinality
        if times is None:
            times = MAX_REQUEST_SIZE_BYTES // (min_size + 1)
        return min(max_cost * times, MAX_UINT64)

    def total_cost_errors(self, path: Path) -> ErrorList:
        """The schema as a whole is too expensive."""
        if self.total.total <= TOTAL_COST_LIMIT:
            return []
        detail = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"
        errors = [field.forbidden(place, detail) for _, place in self.total.most_expensive]
        what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema"
        errors.append(field.forbidden(path, cost_message(what, self.total.total, TOTAL_COST_LIMIT)))
        return errors
