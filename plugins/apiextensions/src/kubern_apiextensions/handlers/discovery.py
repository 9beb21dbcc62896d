"""Groups of custom resources as discovery shows them (upstream: customresource_discovery_controller.go).

Next: `kubern/endpoints/discovery/`, which makes the documents.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kubern.apimachinery.resource import APIGroupInfo
from kubern.util.kube_version import preference
from kubern_apiextensions.api.crd import ESTABLISHED
from kubern_apiextensions.registry.definition import discovered_resource

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer
    from kubern_apiextensions.api.summary import Summary
    from kubern_apiextensions.handlers.resources import ServedResources
    from kubern_apiextensions.handlers.served import ServedResource


def group_info(group: str, served: Iterable[ServedResource]) -> APIGroupInfo | None:
    """A group with its established resources, None when it has no version to serve."""
    established = [s for s in served if s.summary.is_true(ESTABLISHED)]
    versions = {v.name for s in established for v in s.summary.served()}
    if not versions:
        return None
    resources = tuple(discovered_resource(s.summary, s.schema) for s in established)
    return APIGroupInfo(group, tuple(sorted(versions, key=preference)), resources)


def publish(server: GenericAPIServer, resources: ServedResources, group: str) -> None:
    """Bring what the chain knows of a group in line with its definitions."""
    found = [s for s in map(resources.get, _names(resources.summaries(group))) if s is not None]
    info = group_info(group, found)
    known = server.api_groups.get(group)
    if info is None and known is None:
        return
    if info is None:
        server.api_groups.pop(group, None)
    else:
        server.api_groups[group] = info
    server.config.groups_changed(group)


def _names(summaries: Iterable[Summary]) -> list[str]:
    return [summary.name for summary in summaries]
