"""The controllers as post-start hooks, under upstream's names. Next: the module of one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kubern.client.loopback import LoopbackClient
from kubern.contributions import PostStartHook, PreShutdownHook
from kubern.generic_hooks import wait_for_caches
from kubern.options.kubern import KubernOptions
from kubern_kubeapi.controllers import (
    bootstrap_objects,
    cluster_info,
    clusterrole_aggregation,
    endpoint_reconcilers,
    identity_lease,
    policy_status,
    rbac_reconciliation,
)
from kubern_kubeapi.controllers.kubernetes_service import Addresses, KubernetesService

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer
    from kubern_kubeapi.allocation.hooks import ServiceAllocation
    from kubern_kubeapi.config import KubeAPIConfig

Step = Callable[[LoopbackClient], Awaitable[None]]
Run = Callable[["GenericAPIServer"], Awaitable[None]]


def post_start_hooks(
    config: KubeAPIConfig, allocation: ServiceAllocation, service: KubernetesServiceHooks
) -> list[PostStartHook]:
    """The hooks of this member, in the order in which health checks name them."""
    return [
        _once("start-system-namespaces-controller", bootstrap_objects.system_namespaces),
        PostStartHook("start-cluster-authentication-info-controller", _authentication_info(config)),
        PostStartHook("start-kube-apiserver-identity-lease-controller", _identity_lease),
        PostStartHook("start-kube-apiserver-identity-lease-garbage-collector", _identity_lease_collector),
        PostStartHook("storage-readiness", wait_for_caches),
        _once("start-legacy-token-tracking-controller", cluster_info.token_tracking),
        PostStartHook("start-service-ip-repair-controllers", _repair(allocation)),
        _once("rbac/bootstrap-roles", rbac_reconciliation.rbac_roles),
        _once("scheduling/bootstrap-system-priority-classes", bootstrap_objects.priority_classes),
        *_flow_control(config),
        PostStartHook("bootstrap-controller", service.start),
        PostStartHook("start-kubernetes-service-cidr-controller", _service_cidr(config)),
        *clusterrole_aggregation.hooks(config.generic.options.section(KubernOptions).controllers),
        *policy_status.hooks(config.generic.options.section(KubernOptions).controllers),
    ]


def _once(name: str, step: Step) -> PostStartHook:
    async def run(server: GenericAPIServer) -> None:
        await step(LoopbackClient(server))

    return PostStartHook(name, run)


def _flow_control(config: KubeAPIConfig) -> list[PostStartHook]:
    """The objects of flow control are made first; then, if it is on, it takes them over."""
    from kubern_kubeapi.controllers.flow_control_producer import GROUP

    if not any(group.group == GROUP for group in config.groups):
        return []
    produced = asyncio.Event()

    async def produce(server: GenericAPIServer) -> None:
        from kubern_kubeapi.controllers.flow_control_producer import FlowControlProducer

        producer = FlowControlProducer(server)
        await producer.produce()
        produced.set()
        server.tasks.spawn("flow control objects", producer.run())

    async def consume(server: GenericAPIServer) -> None:
        from kubern_kubeapi.controllers.flow_control_consumer import FlowControlConsumer

        await produced.wait()
        assert server.config.flow_control is not None
        consumer = FlowControlConsumer(server, server.config.flow_control)
        await consumer.start()
        server.tasks.spawn("flow control configuration", consumer.run())

    hooks = [PostStartHook("priority-and-fairness-config-producer", produce)]
    if config.generic.flow_control is not None:
        hooks.insert(0, PostStartHook("priority-and-fairness-config-consumer", consume))
    return hooks


def _service_cidr(config: KubeAPIConfig) -> Run:
    cidrs = [str(network) for network in config.service_ranges]

    async def run(server: GenericAPIServer) -> None:
        client = LoopbackClient(server)
        await cluster_info.default_service_cidr(client, cidrs)
        server.tasks.spawn("default service CIDR", cluster_info.keep_default_service_cidr(client, cidrs))

    return run


def _repair(allocation: ServiceAllocation) -> Run:
    async def run(server: GenericAPIServer) -> None:
        from kubern_kubeapi.allocation.repair import AllocationRepair

        repair = AllocationRepair(allocation)
        await repair.start()
        server.tasks.spawn("repair of service addresses and ports", repair.run())

    return run


def _authentication_info(config: KubeAPIConfig) -> Run:
    async def run(server: GenericAPIServer) -> None:
        from kubern.options.authentication import AuthenticationOptions

        options = config.generic.options
        flags = options.section(AuthenticationOptions)
        files = options.facts.files
        client_ca = flags.client_ca_file or str(files.ca_cert)
        header_ca = flags.requestheader_client_ca_file or str(files.front_proxy_ca_cert)
        data = cluster_info.request_header_data(
            _text(client_ca),
            _text(header_ca),
            flags.requestheader_username_headers or ("X-Remote-User",),
            flags.requestheader_uid_headers,
            flags.requestheader_group_headers or ("X-Remote-Group",),
            flags.requestheader_extra_headers_prefix or ("X-Remote-Extra-",),
            flags.requestheader_allowed_names,
        )
        await cluster_info.authentication_config_map(LoopbackClient(server), data)

    return run


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


async def _identity_lease(server: GenericAPIServer) -> None:
    lease = identity_lease.IdentityLease(LoopbackClient(server))
    await lease.renew()
    server.tasks.spawn("identity lease", lease.run())


async def _identity_lease_collector(server: GenericAPIServer) -> None:
    server.tasks.spawn("identity leases", identity_lease.keep_collecting(LoopbackClient(server)))


class KubernetesServiceHooks:
    """The service `kubernetes` from the start to the end; made when the server's port is known."""

    def __init__(self, config: KubeAPIConfig) -> None:
        self._config = config
        self._service: KubernetesService | None = None

    async def start(self, server: GenericAPIServer) -> None:
        """The post-start hook."""
        service = self._service = kubernetes_service(server, self._config)
        if service is not None:
            await service.reconcile()
            server.tasks.spawn("kubernetes service", service.run())

    async def leave(self, server: GenericAPIServer) -> None:
        """The pre-shutdown hook."""
        if self._service is not None:
            await self._service.leave()

    def pre_shutdown_hook(self) -> PreShutdownHook:
        return PreShutdownHook("stop-kubernetes-service-controller", self.leave, while_serving=True)


def kubernetes_service(server: GenericAPIServer, config: KubeAPIConfig) -> KubernetesService | None:
    """The keeper of the service `kubernetes`; None without a service range."""
    from kubern.options.generic import GenericOptions
    from kubern.options.misc import MiscOptions

    options = config.generic.options
    if options.facts.api_server_service_ip is None:
        return None
    misc = options.section(MiscOptions)
    addresses = Addresses(
        str(options.facts.api_server_service_ip),
        options.section(GenericOptions).advertise_address,
        config.generic.secure_port,
        misc.kubernetes_service_node_port,
    )
    client = LoopbackClient(server)
    endpoints = endpoint_reconcilers.KubernetesEndpoints(client, addresses.advertise, addresses.port)
    reconciler: endpoint_reconcilers.EndpointReconciler
    if misc.endpoint_reconciler_type == "lease":
        factory = config.generic.storage_factory
        prefix = f"{factory.prefix}/masterleases/"
        reconciler = endpoint_reconcilers.LeaseReconciler(endpoints, factory.store, prefix, addresses.advertise)
    elif misc.endpoint_reconciler_type == "master-count":
        reconciler = endpoint_reconcilers.MasterCountReconciler(endpoints, addresses.advertise, misc.apiserver_count)
    else:
        reconciler = endpoint_reconcilers.NoneReconciler()
    return KubernetesService(client, addresses, reconciler)
