"""What may change in the spec of a pod that scheduling gates still hold (upstream: validateNodeSelectorMutation ...).

Next: `pod.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.equality import semantic_equal
from kubern_kubeapi.groups.core.pod.internal_types import CORE_TYPES

Object = Mapping[str, Any]
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def validate_gated_changes(munged: dict[str, Any], old: Object, path: Path) -> ErrorList:
    """Additions to nodeSelector and node affinity; judged ones are set back to the old in `munged`."""
    errors: ErrorList = []
    new_selector, old_selector = munged.get("nodeSelector") or {}, old.get("nodeSelector") or {}
    if new_selector != old_selector:
        errors += _validate_node_selector(new_selector, old_selector, path.child("nodeSelector"))
        _put(munged, "nodeSelector", old.get("nodeSelector"))
    new_affinity, old_affinity = munged.get("affinity"), old.get("affinity")
    new_node, old_node = (new_affinity or {}).get("nodeAffinity"), (old_affinity or {}).get("nodeAffinity")
    if not semantic_equal(new_node, old_node):
        errors += _validate_node_affinity(new_node, old_node, path.child("affinity", "nodeAffinity"))
        _restore_node_affinity(munged, new_affinity, old_affinity, old_node)
    return errors


def _put(target: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        target.pop(name, None)
    else:
        target[name] = value


def _restore_node_affinity(
    munged: dict[str, Any], new: Object | None, old: Object | None, old_node: Object | None
) -> None:
    if new is None:
        _put(munged, "affinity", None if old_node is None else {"nodeAffinity": old_node})
    elif old is None and new.get("podAffinity") is None and new.get("podAntiAffinity") is None:
        munged.pop("affinity", None)
    else:
        affinity = dict(new)
        _put(affinity, "nodeAffinity", old_node)
        munged["affinity"] = affinity


def _validate_node_selector(new: Object, old: Object, path: Path) -> ErrorList:
    if all(new.get(key) == value for key, value in old.items()):
        return []
    detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
    return [field.invalid(path, dict(sorted(new.items())) or None, detail)]


def _validate_node_affinity(new: Object | None, old: Object | None, path: Path) -> ErrorList:
    required = (old or {}).get(_REQUIRED)
    if required is None:
        return []
    old_terms = required.get("nodeSelectorTerms") or []
    new_terms = ((new or {}).get(_REQUIRED) or {}).get("nodeSelectorTerms") or []
    at = path.child(_REQUIRED, "nodeSelectorTerms")
    if old_terms and len(old_terms) != len(new_terms):
        detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        shown = CORE_TYPES.render_list("NodeSelectorTerm", new_terms or None)
        return [field.invalid(at, shown, detail)]
    errors: ErrorList = []
    for i, term in enumerate(old_terms):
        if not _has_only_additions(new_terms[i], term):
            shown_term = CORE_TYPES.render("NodeSelectorTerm", new_terms[i])
            detail = "only additions are allowed (no mutations or deletions)"
            errors.append(field.invalid(at.index(i), shown_term, detail))
    return errors


def _has_only_additions(new: Object, old: Object) -> bool:
    lists = [(new.get(name) or [], old.get(name) or []) for name in ("matchExpressions", "matchFields")]
    if not any(before for _, before in lists) and any(after for after, _ in lists):
        return False
    return all(semantic_equal(after[: len(before)], before) for after, before in lists)
