"""What a check says, and the words checks share (upstream: pod-security-admission/policy/helpers.go)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from kubern_kubeapi.admission.pods import containers

Object = dict[str, Any]


class Violation(NamedTuple):
    """Why a check forbids a pod: a short reason and the details that messages put in parentheses."""

    reason: str
    detail: str


Check = Callable[[Object, Object], Violation | None]
"""Looks at a pod's metadata and spec."""


def join_quote(items: Iterable[str]) -> str:
    return '"' + '", "'.join(items) + '"'


def plural(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


def named(names: list[str]) -> str:
    """`container "a"` or `containers "a", "b"`."""
    return f"{plural('container', 'containers', len(names))} {join_quote(names)}"


def setters(pod: bool, names: list[str]) -> list[str]:
    """Who set something: the pod, containers."""
    return [*(["pod"] if pod else []), *([named(names)] if names else [])]


def all_containers(spec: Object) -> list[Object]:
    return list(containers({"spec": spec}))


def security_context(obj: Object) -> Object:
    """A pod spec's or container's securityContext, {} when it has none."""
    return obj.get("securityContext") or {}


def is_windows(spec: Object) -> bool:
    return (spec.get("os") or {}).get("name") == "windows"


def in_user_namespace(spec: Object) -> bool:
    """Users in the pod are not those of the node, so that root is not either."""
    return spec.get("hostUsers") is False
