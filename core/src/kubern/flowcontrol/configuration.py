"""Flow schemas and priority levels as the rest of the package reads them, made from API objects; next: `matching.py`.

Objects are in the form of flowcontrol.apiserver.k8s.io/v1 with defaults set. `EXEMPT_...` and `CATCH_ALL_...` are
imagined for as long as nobody configures them (upstream: apis/flowcontrol/bootstrap, mandatory objects).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

EXEMPT = "exempt"
CATCH_ALL = "catch-all"
_EVERYTHING: dict[str, Any] = {
    "resourceRules": [
        {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": True, "namespaces": ["*"]}
    ],
    "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
}


class BrokenPriorityLevelError(Exception):
    """A priority level contradicts itself and is treated as missing."""


@dataclasses.dataclass(frozen=True, slots=True)
class FlowSchema:
    """Which requests go to which priority level; `rules` as in the object, `distinguisher` its method or ""."""

    name: str
    uid: str
    priority_level: str
    matching_precedence: int
    distinguisher: str
    rules: tuple[Mapping[str, Any], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Queuing:
    """Where a level's requests wait: in the shortest of `hand_size` out of `queues` queues."""

    queues: int
    hand_size: int
    queue_length_limit: int


@dataclasses.dataclass(frozen=True, slots=True)
class PriorityLevel:
    """A share of the server's seats. `queuing` is None when requests beyond them are refused at once."""

    name: str
    uid: str
    exempt: bool
    shares: int
    lendable_percent: int
    borrowing_limit_percent: int | None
    queuing: Queuing | None


def flow_schema(obj: Mapping[str, Any]) -> FlowSchema:
    """From a FlowSchema object."""
    meta, spec = obj["metadata"], obj.get("spec") or {}
    return FlowSchema(
        name=meta["name"],
        uid=meta.get("uid", ""),
        priority_level=(spec.get("priorityLevelConfiguration") or {}).get("name", ""),
        matching_precedence=spec.get("matchingPrecedence", 0),
        distinguisher=(spec.get("distinguisherMethod") or {}).get("type", ""),
        rules=tuple(spec.get("rules") or ()),
    )


def priority_level(obj: Mapping[str, Any]) -> PriorityLevel:
    """From a PriorityLevelConfiguration object. Raises BrokenPriorityLevelError."""
    meta, spec = obj["metadata"], obj.get("spec") or {}
    name, kind = meta["name"], spec.get("type", "")
    exempt, limited = kind == "Exempt", spec.get("limited")
    if (kind == "Limited") != (limited is not None):
        raise BrokenPriorityLevelError("broken union structure at the top, for Limited")
    if exempt != (spec.get("exempt") is not None):
        raise BrokenPriorityLevelError("broken union structure at the top, for Exempt")
    if exempt != (name == EXEMPT):
        raise BrokenPriorityLevelError("non-alignment between name and type")
    details: Mapping[str, Any] = limited if limited is not None else spec.get("exempt") or {}
    response = details.get("limitResponse") or {}
    queuing = response.get("queuing")
    if not exempt and (response.get("type") == "Reject") != (queuing is None):
        raise BrokenPriorityLevelError("broken union structure for limit response")
    return PriorityLevel(
        name=name,
        uid=meta.get("uid", ""),
        exempt=exempt,
        shares=details.get("nominalConcurrencyShares") or 0,
        lendable_percent=details.get("lendablePercent") or 0,
        borrowing_limit_percent=details.get("borrowingLimitPercent"),
        queuing=None if queuing is None else _queuing(queuing),
    )


def _queuing(queuing: Mapping[str, Any]) -> Queuing:
    found = Queuing(queuing.get("queues", 0), queuing.get("handSize", 0), queuing.get("queueLengthLimit", 0))
    if not 0 < found.hand_size <= found.queues:
        raise BrokenPriorityLevelError(f"hand of {found.hand_size} out of {found.queues} queues")
    return found


def _to_groups(name: str, precedence: int, distinguisher: str, *groups: str) -> FlowSchema:
    subjects = [{"kind": "Group", "group": {"name": group}} for group in groups]
    return FlowSchema(name, "", name, precedence, distinguisher, ({"subjects": subjects, **_EVERYTHING},))


EXEMPT_SCHEMA = _to_groups(EXEMPT, 1, "", "system:masters")
CATCH_ALL_SCHEMA = _to_groups(CATCH_ALL, 10000, "ByUser", "system:unauthenticated", "system:authenticated")
EXEMPT_LEVEL = PriorityLevel(EXEMPT, "", True, 0, 0, None, None)
CATCH_ALL_LEVEL = PriorityLevel(CATCH_ALL, "", False, 5, 0, None, None)
