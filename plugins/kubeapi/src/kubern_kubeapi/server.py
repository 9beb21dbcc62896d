"""The kubeapi member: the built-in groups on the generic server (upstream: controlplane.Instance).

Next: `groups/all.py` for what is served, `controllers/` for what runs beside it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from kubern.client.loopback import LoopbackClient
from kubern.endpoints.openapi.install import openapi_service
from kubern.server import GenericAPIServer
from kubern_kubeapi.allocation.cluster_ips import ClusterIPAllocator
from kubern_kubeapi.allocation.hooks import ServiceAllocation
from kubern_kubeapi.allocation.node_ports import NodePortAllocator
from kubern_kubeapi.authorization.escalation import guarded
from kubern_kubeapi.authorization.rbac import GROUP as RBAC_GROUP
from kubern_kubeapi.groups.admissionregistration.authorization import PATHS, AuthorizedStore, ParamAuthorization
from kubern_kubeapi.groups.core.pod.privileged import KINDS as POD_KINDS
from kubern_kubeapi.groups.core.pod.privileged import forbidding_privileged
from kubern_kubeapi.groups.resource.admin_access import AdminAccessStore
from kubern_kubeapi.schema.scheme import scheme
from kubern_kubeapi.schema.texts import Texts
from kubern_kubeapi.serviceaccounts.openid import install_openid_documents

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition
    from kubern_kubeapi.config import KubeAPIConfig

NAME = "kubeapi"
SERVICE_ALLOCATION = "kubeapi/service-allocation"
Announce = Callable[[str, str, "tuple[int, int] | None"], None]


def new_server(config: KubeAPIConfig, delegate: GenericAPIServer | None) -> GenericAPIServer:
    """Install the groups and register the controllers as post-start hooks."""
    from kubern_kubeapi.controllers.hooks import KubernetesServiceHooks, post_start_hooks

    server = GenericAPIServer(NAME, config.generic, delegate)
    server.find_scheme = scheme
    openapi_service(server).describe = Texts().describe
    allocation = service_allocation(server, config)
    config.generic.shared[SERVICE_ALLOCATION] = allocation
    for group in config.groups:
        resources = tuple(_bound(r, server, allocation, config) for r in group.resources)
        server.install_api_group(dataclasses.replace(group, resources=resources))
    install_openid_documents(server)
    service = KubernetesServiceHooks(config)
    for hook in post_start_hooks(config, allocation, service):
        server.add_post_start_hook(hook)
    server.add_pre_shutdown_hook(service.pre_shutdown_hook())
    return server


def service_allocation(server: GenericAPIServer, config: KubeAPIConfig) -> ServiceAllocation:
    """The allocators of cluster IPs, one for each range of the command line, and of node ports."""
    client = LoopbackClient(server)
    cluster_ips = {f"IPv{r.version}": ClusterIPAllocator(client, r) for r in config.service_ranges}
    factory = config.generic.storage_factory
    ports = NodePortAllocator(factory.store, f"{factory.prefix}/ranges/servicenodeports", *config.node_ports)
    return ServiceAllocation(client, cluster_ips, ports)


def _bound(
    definition: ResourceDefinition, server: GenericAPIServer, allocation: ServiceAllocation, config: KubeAPIConfig
) -> ResourceDefinition:
    """The declaration with what depends on this server and its flags."""
    if definition.kind in POD_KINDS and not config.allow_privileged:
        strategy = forbidding_privileged(definition.strategy, definition.kind)
        return dataclasses.replace(definition, strategy=strategy)
    if definition.kind == "Service":
        return dataclasses.replace(definition, hooks=allocation.store_hooks())
    if definition.kind == "Event":
        return dataclasses.replace(definition, ttl=lambda obj: config.event_ttl)
    if definition.kind in PATHS:
        authorize = ParamAuthorization(server).guard_of(definition.kind)
        return dataclasses.replace(definition, store=partial(AuthorizedStore, authorize=authorize))
    if definition.group == RBAC_GROUP:
        return dataclasses.replace(definition, store=guarded(definition, config.generic))
    if definition.kind in ("ResourceClaim", "ResourceClaimTemplate"):
        return dataclasses.replace(definition, store=partial(AdminAccessStore, server=server))
    return definition


def subscribe_api_services(server: GenericAPIServer, announce: Announce) -> None:
    """Name every group-version of this member to the aggregator, with its priorities."""
    for member in server.config.outermost.chain():
        if member.name != NAME:
            continue
        for group in member.api_groups.values():
            for version, priorities in group.priorities():
                announce(group.group, version, priorities)
