"""How sets of tolerations combine (upstream: util/tolerations). Used by RuntimeClass and PodTolerationRestriction."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def merge_tolerations(first: list[Object], second: list[Object]) -> list[Object]:
    """Both lists without what another toleration of them covers."""
    everything = [*first, *second]
    merged: list[Object] = []
    for i, toleration in enumerate(everything):
        if any(is_superset(kept, toleration) for kept in merged):
            continue
        later = everything[i + 1 :]
        if any(toleration != other and is_superset(other, toleration) for other in later):
            continue
        merged.append(toleration)
    return merged


def verify_against_whitelist(tolerations: list[Object], whitelist: list[Object]) -> bool:
    """Whether each toleration is covered by one of the whitelist (an empty one allows all)."""
    return not whitelist or all(any(is_superset(w, t) for w in whitelist) for t in tolerations)


def is_superset(wide: Object, narrow: Object) -> bool:
    """Whether all that `narrow` tolerates is tolerated by `wide`."""
    if wide == narrow:
        return True
    operator, key = wide.get("operator", ""), wide.get("key", "")
    if narrow.get("key", "") != key and (key or operator != "Exists"):
        return False
    effect = wide.get("effect", "")
    if effect and narrow.get("effect", "") != effect:
        return False
    seconds = wide.get("tolerationSeconds")
    if effect == "NoExecute" and seconds is not None:
        own = narrow.get("tolerationSeconds")
        if own is None or own > seconds:
            return False
    if operator in ("", "Equal"):
        return bool(narrow.get("operator", "") == "Equal" and narrow.get("value", "") == wide.get("value", ""))
    return bool(operator == "Exists")
