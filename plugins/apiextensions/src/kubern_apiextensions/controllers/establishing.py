"""A definition whose names are accepted is established (upstream: establish/establishing_controller.go).

Upstream waits up to five seconds where several servers share a storage, until all have heard of the definition.
"""

from __future__ import annotations

from typing import Any

from kubern_apiextensions.api import crd as crds
from kubern_apiextensions.api.summary import Summary

Object = dict[str, Any]


def is_to_establish(summary: Summary) -> bool:
    return summary.is_true(crds.NAMES_ACCEPTED) and not summary.is_true(crds.ESTABLISHED)


def establish(crd: Object) -> None:
    """Set the condition, in place."""
    text = "the initial names have been accepted"
    crds.set_condition(crd, crds.ESTABLISHED, "True", "InitialNamesAccepted", text)
