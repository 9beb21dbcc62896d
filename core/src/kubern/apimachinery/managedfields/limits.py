"""A bound on the entries of updaters: the oldest are folded into one per version (capmanagers.go)."""

from __future__ import annotations

from kubern.apimachinery.managedfields.fieldset import union
from kubern.apimachinery.managedfields.managed import UPDATE, Managed, ManagerKey, VersionedSet

MAX_UPDATE_MANAGERS = 10
ANCIENT_CHANGES = "ancient-changes"


def cap_update_managers(managed: Managed) -> Managed:
    """At most ten entries of updates; appliers do not count."""
    updaters = [key for key, versioned in managed.items() if not versioned.applied]
    if len(updaters) <= MAX_UPDATE_MANAGERS:
        return managed
    updaters.sort(key=lambda key: (managed[key].time, key.identifier()))
    out = managed.copy()
    first: dict[str, ManagerKey] = {}
    count = len(updaters)
    for key in updaters:
        if count <= MAX_UPDATE_MANAGERS:
            break
        versioned = out[key]
        version = versioned.api_version
        if version not in first:
            first[version] = key
            continue
        bucket = ManagerKey(ANCIENT_CHANGES, UPDATE, version, "")
        if bucket not in out:
            out[bucket] = out.pop(first[version])
        fields = union(versioned.fields, out[bucket].fields)
        # The younger of the two times: updaters are taken oldest first.
        out[bucket] = VersionedSet(fields, version, False, versioned.time)
        del out[key]
        count -= 1
    return out
