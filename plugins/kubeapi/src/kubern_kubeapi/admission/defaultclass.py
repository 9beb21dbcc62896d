"""Which class of a kind is the default one (upstream: volume/util GetDefaultClass, defaultingressclass)."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def default_name(classes: list[Object], annotations: tuple[str, ...]) -> str:
    """The name of the class marked as default by one of `annotations`, "" for none.

    Of several the newest one, then the first by name.
    """
    marked = [c["metadata"] for c in classes if _is_marked(c["metadata"].get("annotations") or {}, annotations)]
    marked.sort(key=lambda meta: meta["name"])
    marked.sort(key=lambda meta: meta.get("creationTimestamp", ""), reverse=True)
    return marked[0]["name"] if marked else ""


def _is_marked(annotations: dict[str, str], keys: tuple[str, ...]) -> bool:
    return any(annotations.get(key) == "true" for key in keys)
