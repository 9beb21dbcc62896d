"""anyOf, oneOf, allOf and not (upstream: kube-openapi schemaPropsValidator). Next: `errors.py`, which calls it."""

from __future__ import annotations

from typing import Any, Protocol

from kubern.apimachinery.field import Path
from kubern_apiextensions.schema.structural import Schema
from kubern_apiextensions.schema.validation.result import Result


class Validate(Protocol):
    def __call__(self, schema: Schema, value: Any, name: str, base: Path | None) -> Result: ...


def add_junctor_errors(schema: Schema, value: Any, name: str, result: Result, validate: Validate) -> None:
    """Errors of the junctors in the order any, one, all, not; failed branches show the one that came closest."""
    found = Result(result.base)
    if schema.get("anyOf"):
        _any_of([validate(s, value, name, result.base) for s in schema["anyOf"]], name, found)
    if schema.get("oneOf"):
        _one_of([validate(s, value, name, result.base) for s in schema["oneOf"]], name, found)
    if schema.get("allOf"):
        _all_of([validate(s, value, name, result.base) for s in schema["allOf"]], name, found)
    if schema.get("not") is not None and validate(schema["not"], value, name, result.base).is_valid:
        found.plain(f'"{name}" must not validate the schema (not)')
    found.match_count += 1
    result.merge(found)


def _closest(branches: list[Result]) -> Result:
    """The first of the failed branches with most matches."""
    return max(branches, key=lambda branch: branch.match_count)


def _any_of(branches: list[Result], name: str, found: Result) -> None:
    first_valid = next((branch for branch in branches if branch.is_valid), None)
    if first_valid is not None:
        found.merge(first_valid)
        return
    found.plain(f'"{name}" must validate at least one schema (anyOf)')
    found.merge(_closest(branches))


def _one_of(branches: list[Result], name: str, found: Result) -> None:
    valid = [branch for branch in branches if branch.is_valid]
    if len(valid) == 1:
        found.merge(valid[0])
        return
    outcome = f"Found {len(valid)} valid alternatives" if valid else "Found none valid"
    found.plain(f'"{name}" must validate one and only one schema (oneOf). {outcome}')
    if not valid:
        found.merge(_closest(branches))


def _all_of(branches: list[Result], name: str, found: Result) -> None:
    for branch in branches:
        found.merge(branch)
    valid = sum(branch.is_valid for branch in branches)
    if valid != len(branches):
        outcome = "" if valid else ". None validated"
        found.plain(f'"{name}" must validate all the schemas (allOf){outcome}')
