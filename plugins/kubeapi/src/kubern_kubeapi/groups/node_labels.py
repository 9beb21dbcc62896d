"""Labels of nodes that got new names (upstream: pkg/api/node/util.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery.field import Path

Object = Mapping[str, Any]
_DEPRECATED = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}


def node_label_deprecation(key: str) -> str:
    """What to use instead of an old label, "" for any other label."""
    return _DEPRECATED.get(key, "")


def warnings_for_label_selector(selector: Object | None, path: Path) -> list[str]:
    """Warnings about a selector of nodes by labels (upstream: GetWarningsForNodeSelector)."""
    warnings = warnings_for_node_selector_term(selector or {}, path)
    for label in sorted((selector or {}).get("matchLabels") or ()):
        message = node_label_deprecation(label)
        if message:
            warnings.append(f"{path.child('matchLabels').child(label)}: {message}")
    return warnings


def warnings_for_node_selector(selector: Object | None, path: Path) -> list[str]:
    """Warnings about a whole node selector."""
    warnings = []
    for i, term in enumerate((selector or {}).get("nodeSelectorTerms") or ()):
        warnings += warnings_for_node_selector_term(term, path.child("nodeSelectorTerms").index(i))
    return warnings


def warnings_for_node_selector_term(term: Object, path: Path) -> list[str]:
    warnings = []
    for i, expression in enumerate(term.get("matchExpressions") or ()):
        key = expression.get("key") or ""
        message = node_label_deprecation(key)
        if message:
            warnings.append(f"{path.child('matchExpressions').index(i).child('key')}: {key} is {message}")
    return warnings
