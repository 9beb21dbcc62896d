"""From the spec of an access review to the question for the authorizer (upstream: pkg/registry/authorization/util)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from kubern.apimachinery.selectors import Selector, SelectorError, parse_field_selector, parse_label_selector
from kubern.authorization.interface import Attributes
from kubern.request import User

Object = dict[str, Any]
Requirements = tuple[tuple[str, str, tuple[str, ...]], ...]
_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what of the spec could not be understood and was left out."""

    attributes: Attributes
    problems: tuple[str, ...] = ()


def question(user: User, spec: Object) -> Question:
    """The question that a review's spec asks about a user."""
    if spec.get("resourceAttributes") is None:
        other = spec["nonResourceAttributes"]
        return Question(Attributes(user, other.get("verb", ""), path=other.get("path", "")))
    resource = spec["resourceAttributes"]
    fields, field_problem = _field_requirements(resource.get("fieldSelector"))
    labels, label_problem = _label_requirements(resource.get("labelSelector"))
    attributes = Attributes(
        user,
        resource.get("verb", ""),
        "",
        True,
        resource.get("group", ""),
        resource.get("version") or "*",
        resource.get("namespace", ""),
        resource.get("resource", ""),
        resource.get("subresource", ""),
        resource.get("name", ""),
        fields,
        labels,
    )
    return Question(attributes, tuple(p for p in (field_problem, label_problem) if p))


def user_of(spec: Object) -> User:
    """Whom a SubjectAccessReview asks about."""
    extra = {key: tuple(values or ()) for key, values in (spec.get("extra") or {}).items()}
    return User(spec.get("user", ""), spec.get("uid", ""), tuple(spec.get("groups") or ()), extra)


def _problem(which: str, partially: bool) -> str:
    how = "partially ignored" if partially else "ignored"
    return f"spec.resourceAttributes.{which} {how} due to parse error"


def _field_requirements(selector: Object | None) -> tuple[Requirements, str]:
    """Only tests for one value and against one value can be used of a field selector."""
    if selector is None:
        return (), ""
    if selector.get("rawSelector"):
        return _parse(selector["rawSelector"], parse_field_selector, "fieldSelector")
    out, skipped = [], False
    for requirement in selector.get("requirements") or ():
        values = tuple(requirement.get("values") or ())
        operator = {"In": "=", "NotIn": "!="}.get(requirement.get("operator", ""))
        if operator is None or len(values) != 1:
            skipped = True
        else:
            out.append((requirement["key"], operator, values))
    return tuple(out), _problem("fieldSelector", bool(out)) if skipped else ""


def _label_requirements(selector: Object | None) -> tuple[Requirements, str]:
    if selector is None:
        return (), ""
    if selector.get("rawSelector"):
        return _parse(selector["rawSelector"], parse_label_selector, "labelSelector")
    out, skipped = [], False
    for requirement in selector.get("requirements") or ():
        operator = _OPERATORS.get(requirement.get("operator", ""))
        if operator is None:
            skipped = True
        else:
            out.append((requirement["key"], operator, tuple(sorted(requirement.get("values") or ()))))
    return tuple(out), _problem("labelSelector", bool(out)) if skipped else ""


def _parse(text: str, parse: Callable[[str], Selector], which: str) -> tuple[Requirements, str]:
    try:
        selector = parse(text)
    except SelectorError:
        return (), _problem(which, False)
    return tuple((r.key, r.operator, r.values) for r in selector.requirements), ""
