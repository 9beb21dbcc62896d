"""Warnings about volumes: plugins on their way out, files that hide each other (upstream: pkg/api/pod/warnings.go)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubern.apimachinery.field import Path
from kubern.apimachinery.quantity import Quantity
from kubern.util.goquote import go_quote

Object = Mapping[str, Any]
_RETIRED = (
    ("photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "gitRepo", "deprecated in v1.11"),
    ("scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("ephemeral", "ephemeral", ""),
    ("cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"),
)


def warnings_for_volumes(volumes: Iterable[Object], path: Path) -> list[str]:
    volumes = list(volumes)
    warnings = []
    for i, volume in enumerate(volumes):
        for name, shown, message in _RETIRED:
            if volume.get(name) is None:
                continue
            at = path.index(i).child(shown)
            if message:
                warnings.append(f"{at}: {message}")
            else:
                template = volume[name].get("volumeClaimTemplate") or {}
                warnings += warnings_for_claim_spec(template.get("spec") or {}, at.child("volumeClaimTemplate", "spec"))
    for volume in volumes:
        warnings += _for_overlaps(volume)
    return warnings


def warnings_for_claim_spec(spec: Object, path: Path) -> list[str]:
    """Storage comes in whole bytes (upstream: GetWarningsForPersistentVolumeClaimSpec)."""
    warnings = []
    resources = spec.get("resources") or {}
    for kind in ("requests", "limits"):
        text = (resources.get(kind) or {}).get("storage")
        if text is not None and Quantity.parse(text).milli_value() % 1000:
            at = path.child("resources", kind).key("storage")
            warnings.append(f"{at}: fractional byte value {go_quote(text)} is invalid, must be an integer")
    return warnings


def _paths(source: Object) -> list[str]:
    return [item.get("path") or "" for item in source.get("items") or ()]


def _for_overlaps(volume: Object) -> list[str]:
    """Files of one volume at the same path, or below each other."""
    warnings = []
    name = go_quote(volume.get("name") or "")
    for kind, title, key in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
        source = volume.get(kind) or {}
        prefix = f"volume {name} ({title} {go_quote(source.get(key) or '')}): overlapping paths"
        warnings += _check_overlap(_paths(source), prefix)
    warnings += _check_overlap(
        _paths(volume.get("downwardAPI") or {}), f"volume {name} (DownwardAPI): overlapping paths"
    )
    if volume.get("projected") is not None:
        warnings += _for_projected(volume["projected"], name)
    return warnings


def _for_projected(projected: Object, name: str) -> list[str]:
    """A source without files of its own is judged by the paths of the one before it, as upstream's loop does."""
    warnings = []
    all_paths: set[str] = set()
    paths: list[str] = []
    title = ""
    for source in projected.get("sources") or ():
        if not any(value is not None for value in source.values()):
            warnings.append(f"volume {name} (Projected) has no sources provided")
            continue
        paths, title = _projection_paths(source) or (paths, title)
        if not paths:
            continue
        prefix = f"volume {name} (Projected {title}): overlapping paths"
        warnings += _check_overlap(paths, prefix)
        warnings += _check_overlap(sorted([*set(paths), *all_paths]), prefix)
        all_paths |= set(paths)
    return warnings


def _projection_paths(source: Object) -> tuple[list[str], str] | None:
    for kind, title in (("configMap", "ConfigMap"), ("secret", "Secret")):
        if source.get(kind) is not None and source[kind].get("items"):
            return _paths(source[kind]), f"{title} {go_quote(source[kind].get('name') or '')}"
    if (source.get("downwardAPI") or {}).get("items"):
        return _paths(source["downwardAPI"]), "DownwardAPI"
    if source.get("serviceAccountToken") is not None:
        return [source["serviceAccountToken"].get("path") or ""], "ServiceAccountToken"
    return None


def _check_overlap(paths: list[str], prefix: str) -> list[str]:
    warnings = []
    seen: dict[str, None] = {}
    for path in paths:
        path = path.rstrip("/")
        other = _overlapping(seen, path)
        if other:
            warnings.append(f"{prefix}: {go_quote(path)} with {go_quote(other)}")
        seen[path] = None
    return warnings


def _overlapping(seen: Iterable[str], path: str) -> str:
    for item in seen:
        if not item or not path:
            return ""
        if item == path or (item + "/").startswith(path) or (path + "/").startswith(item):
            return item
    return ""
