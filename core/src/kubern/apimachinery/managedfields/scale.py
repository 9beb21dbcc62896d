"""Ownership of the replicas field, seen through the scale subresource (managedfields/scalehandler.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery.managedfields.elements import Path
from kubern.apimachinery.managedfields.fieldset import difference, has, of_paths
from kubern.apimachinery.managedfields.managed import Entry, Managed, VersionedSet, encode, read_trusted

SCALE_VERSION = "autoscaling/v1"
REPLICAS_IN_SCALE: Path = ("f:spec", "f:replicas")


class ScaleHandler:
    """Translates managedFields between an object and its Scale.

    `entries` are the object's, `api_version` is the version of the request's resource, `mappings` gives the path of
    the replicas field in every version, None for a version without scale.
    """

    def __init__(self, entries: list[Entry] | None, api_version: str, mappings: Mapping[str, Path | None]) -> None:
        self.parent = read_trusted(entries or ())
        self.api_version = api_version
        self.mappings = mappings

    def to_subresource(self) -> list[Entry]:
        """The entries of the Scale: everybody who owns the replicas, owning `.spec.replicas`."""
        out: Managed = {}
        for key, versioned in self.parent.items():
            path = self.mappings.get(versioned.api_version)
            if path is not None and has(versioned.fields, path):
                fields = of_paths([REPLICAS_IN_SCALE])
                out[key] = VersionedSet(fields, SCALE_VERSION, versioned.applied, versioned.time)
        return encode(out)

    def to_parent(self, scale_entries: list[Entry] | None) -> list[Entry]:
        """The object's entries after the Scale was written: who lost the replicas, who got them."""
        scale = read_trusted(scale_entries or ())
        out: Managed = {}
        for key, versioned in self.parent.items():
            if versioned.api_version not in self.mappings:
                continue
            path = self.mappings[versioned.api_version]
            if path is None or not has(versioned.fields, path):
                out[key] = versioned
            elif key in scale:
                out[key] = versioned
                del scale[key]
            else:
                fields = difference(versioned.fields, of_paths([path]))
                if fields:
                    out[key] = versioned._replace(fields=fields, entry=None)
        for key, versioned in scale.items():
            path = self.mappings.get(self.api_version)
            if path is not None and has(versioned.fields, REPLICAS_IN_SCALE):
                # Upstream looks the time up among the parent's entries, so that a new owner has none.
                time = self.parent[key].time if key in self.parent else ""
                out[key] = VersionedSet(of_paths([path]), self.api_version, versioned.applied, time)
        return encode(out)


def scale_entries(obj: Mapping[str, Any]) -> list[Entry] | None:
    """The managedFields of an object, None for none."""
    return (obj.get("metadata") or {}).get("managedFields")
