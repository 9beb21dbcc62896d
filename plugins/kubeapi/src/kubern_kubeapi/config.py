"""What the kubeapi member needs beyond the shared config (upstream: controlplane.Config). Next: `server.py`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kubern_kubeapi.groups.all import API_GROUPS

if TYPE_CHECKING:
    from kubern.apimachinery.resource import APIGroupInfo, ResourceDefinition
    from kubern.apimachinery.validation.net import IPNetwork
    from kubern.config import CompletedConfig


@dataclasses.dataclass(frozen=True, slots=True)
class KubeAPIConfig:
    """Ready to serve: `groups` are those that --runtime-config leaves on, `event_ttl` is in seconds."""

    generic: CompletedConfig
    groups: tuple[APIGroupInfo, ...]
    service_ranges: tuple[IPNetwork, ...]
    node_ports: tuple[int, int]
    event_ttl: int
    allow_privileged: bool


def build_config(generic: CompletedConfig) -> KubeAPIConfig:
    """Read the flags that matter here from completed options."""
    from kubern.options.api_enablement import APIEnablementOptions
    from kubern.options.misc import MiscOptions

    options = generic.options
    misc = options.section(MiscOptions)
    first, last = misc.service_node_port_range
    return KubeAPIConfig(
        generic=generic,
        groups=enabled_groups(API_GROUPS, options.section(APIEnablementOptions).runtime_config),
        service_ranges=misc.service_ranges(),
        node_ports=(first, last),
        event_ttl=int(misc.event_ttl),
        allow_privileged=misc.allow_privileged,
    )


def enabled_groups(groups: tuple[APIGroupInfo, ...], runtime_config: Mapping[str, str]) -> tuple[APIGroupInfo, ...]:
    """The groups without what --runtime-config switches off (upstream: resourceconfig.MergeAPIResourceConfigs).

    Keys are `group/version`, `group/version/resource` (the core group's is empty: `/v1`) and `api/all`, `api/ga`,
    `api/beta`, `api/alpha`; the narrower key wins.
    """
    switches = {key: value.lower() not in ("false", "0", "f") for key, value in runtime_config.items()}
    if not switches:
        return groups
    return tuple(g for g in (_enabled_group(group, switches) for group in groups) if g is not None)


def _enabled_group(group: APIGroupInfo, switches: Mapping[str, bool]) -> APIGroupInfo | None:
    resources = tuple(r for r in (_enabled_resource(r, switches) for r in group.resources) if r is not None)
    served = {v.version for r in resources for v in r.versions if v.served}
    kept = [i for i, version in enumerate(group.versions) if version in served]
    if not kept:
        return None
    return dataclasses.replace(
        group,
        versions=tuple(group.versions[i] for i in kept),
        version_priorities=tuple(group.version_priorities[i] for i in kept if i < len(group.version_priorities)),
        resources=resources,
    )


def _enabled_resource(definition: ResourceDefinition, switches: Mapping[str, bool]) -> ResourceDefinition | None:
    versions = tuple(
        dataclasses.replace(v, served=_is_on(definition, v.version, switches)) for v in definition.versions
    )
    return dataclasses.replace(definition, versions=versions) if any(v.served for v in versions) else None


def _is_on(definition: ResourceDefinition, version: str, switches: Mapping[str, bool]) -> bool:
    stability = "beta" if "beta" in version else "alpha" if "alpha" in version else "ga"
    group_version = f"{definition.group}/{version}"
    for key in (f"{group_version}/{definition.resource}", group_version, f"api/{stability}", "api/all"):
        if key in switches:
            return switches[key]
    return True
