"""Turns an APIResourceList into the resources of aggregated discovery (upstream: ConvertGroupVersionIntoToDiscovery)."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def discovered_resources(document: Object, group: str, version: str) -> list[Object]:
    """Resources, each with its subresources; those of a subresource without its resource get an empty one."""
    found: dict[str, Object] = {}
    for one in document.get("resources") or ():
        name, _, sub = one.get("name", "").partition("/")
        kind = {
            "group": one.get("group") or group,
            "version": one.get("version") or version,
            "kind": one.get("kind", ""),
        }
        scope = "Namespaced" if one.get("namespaced") else "Cluster"
        if sub:
            parent = found.setdefault(name, {"resource": name, "scope": scope})
            entry = {"subresource": sub, "responseKind": kind, "verbs": one.get("verbs") or []}
            parent.setdefault("subresources", []).append(entry)
            continue
        out = found.setdefault(name, {"resource": name})
        out |= {"responseKind": kind, "scope": scope, "singularResource": one.get("singularName", "")}
        out["verbs"] = one.get("verbs") or []
        out |= {key: one[key] for key in ("shortNames", "categories") if one.get(key)}
    return list(found.values())
