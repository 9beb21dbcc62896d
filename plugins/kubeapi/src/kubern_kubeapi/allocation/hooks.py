"""Allocation around the writes of services: taken before validation, returned when the write fails.

Upstream: pkg/registry/core/service/storage, beginCreate, beginUpdate, afterDelete and alloc.go. Next:
`families.py`, `cluster_ips.py`, `node_ports.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import errors, field
from kubern.apimachinery.field import Path
from kubern.apimachinery.resource import StoreHooks
from kubern.registry.errors import plain_error
from kubern_kubeapi.allocation.families import (
    family_of,
    init_ip_family_fields,
    invalid_service,
    keeps_prefer_dual_stack,
)
from kubern_kubeapi.allocation.node_ports import PortOperation
from kubern_kubeapi.allocation.normalize import normalize_cluster_ips, patch_allocated_values
from kubern_kubeapi.allocation.ranges import AllocationError
from kubern_kubeapi.groups.core.service_kind import (
    EXTERNAL_NAME,
    HEADLESS,
    LOAD_BALANCER,
    NODE_PORT,
    is_headless,
    needs_health_check,
    node_ports,
    should_allocate_node_ports,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubern.client.loopback import LoopbackClient
    from kubern.request import RequestContext
    from kubern_kubeapi.allocation.cluster_ips import ClusterIPAllocator
    from kubern_kubeapi.allocation.node_ports import NodePortAllocator

Object = dict[str, Any]
Finish = Callable[[bool], Awaitable[None]]
_PORTS = Path("spec", "ports")


class ServiceAllocation:
    """The allocators of a server; `cluster_ips` by IP family, the default one first."""

    def __init__(
        self, client: LoopbackClient, cluster_ips: Mapping[str, ClusterIPAllocator], ports: NodePortAllocator
    ) -> None:
        self.client = client
        self.cluster_ips = cluster_ips
        self.ports = ports

    def store_hooks(self) -> StoreHooks:
        """The hooks for the declaration of services."""
        return StoreHooks(
            begin_create=self.begin_create, begin_update=self.begin_update, after_delete=self.after_delete
        )

    async def begin_create(self, ctx: RequestContext, service: Object, dry_run: bool) -> Finish:
        """Allocate what a new service needs. Raises StatusError 422 or 500."""
        service.setdefault("spec", {})
        normalize_cluster_ips(service, None)
        init_ip_family_fields(service, None, tuple(self.cluster_ips))
        work = _Write(self, service, dry_run)
        async with work:
            await work.allocate_cluster_ips()
            if service["spec"].get("type") in (NODE_PORT, LOAD_BALANCER):
                await work.init_node_ports()
            if needs_health_check(service["spec"]):
                await work.allocate_health_check_port()
        return work.finish

    async def begin_update(self, ctx: RequestContext, service: Object, old: Object, dry_run: bool) -> Finish:
        """Allocate what a change needs beyond what the service has. Raises StatusError 422 or 500."""
        service.setdefault("spec", {})
        patch_allocated_values(service, old)
        normalize_cluster_ips(service, old)
        init_ip_family_fields(service, old, tuple(self.cluster_ips))
        work = _Write(self, service, dry_run)
        async with work:
            await work.update_cluster_ips(old)
            await work.update_node_ports(old)
        return work.finish

    async def after_delete(self, ctx: RequestContext, service: Object) -> None:
        """Return everything, and delete the endpoints of that name so that a successor starts without."""
        meta, spec = service["metadata"], service.get("spec", {})
        await self.client.delete("", "endpoints", meta.get("namespace", ""), meta["name"])
        if spec.get("type") != EXTERNAL_NAME and not is_headless(spec):
            await self.release_ips(spec.get("clusterIPs") or ())
        ports = node_ports(spec)
        if needs_health_check(spec) and spec.get("healthCheckNodePort"):
            ports.append(spec["healthCheckNodePort"])
        if ports:
            await self.ports.release(ports)

    async def release_ips(self, addresses: Any) -> None:
        """Return addresses, those of families that the cluster no longer has excepted."""
        for address in addresses:
            allocator = self.cluster_ips.get(family_of(address))
            if allocator is not None:
                await allocator.release(address)


class _Write:
    """What one write of a service took and gives back, and how it ends."""

    def __init__(self, allocation: ServiceAllocation, service: Object, dry_run: bool) -> None:
        self.allocation = allocation
        self.service = service
        self.spec: Object = service["spec"]
        self.dry_run = dry_run
        self.taken: list[str] = []
        self.leaving: list[str] = []
        self.ports = PortOperation(allocation.ports, dry_run)

    @property
    def name(self) -> str:
        return str(self.service["metadata"].get("name", ""))

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None:
            await self.finish(False)

    async def finish(self, succeeded: bool) -> None:
        """Return what the outcome leaves without a use."""
        await self.ports.finish(succeeded)
        if not self.dry_run:
            await self.allocation.release_ips(self.leaving if succeeded else self.taken)

    # ---------------------------------------------------------------- addresses

    async def allocate_cluster_ips(self) -> None:
        """One address for each family, those that the client named among them."""
        spec = self.spec
        if spec.get("type") == EXTERNAL_NAME or (spec.get("clusterIPs") or [""])[0] == HEADLESS:
            return
        families = spec.get("ipFamilies") or []
        wanted = list(spec.get("clusterIPs") or ())
        wanted += [""] * (len(families) - len(wanted))
        spec["clusterIPs"] = wanted
        spec["clusterIPs"] = [await self._take(f, a) for f, a in zip(families, wanted, strict=False)]
        if spec["clusterIPs"]:
            spec["clusterIP"] = spec["clusterIPs"][0]

    async def _take(self, family: str, address: str) -> str:
        allocator = self.allocation.cluster_ips[family]
        namespace = self.service["metadata"].get("namespace", "")
        if not address:
            try:
                address = await allocator.allocate_next(namespace, self.name, self.dry_run)
            except AllocationError as error:
                raise errors.internal_error(f"failed to allocate a serviceIP: {error}") from error
        else:
            try:
                await allocator.allocate(namespace, self.name, address, self.dry_run)
            except AllocationError as error:
                detail = f"failed to allocate IP {address}: {error}"
                problem = field.invalid(Path("spec", "clusterIPs"), self.spec["clusterIPs"], detail)
                raise invalid_service(self.name, [problem]) from error
        self.taken.append(address)
        return address

    async def update_cluster_ips(self, old: Object) -> None:
        """Addresses come and go with the type and with the second family."""
        spec, before = self.spec, old.get("spec", {})
        if keeps_prefer_dual_stack(spec, before):
            return
        if before.get("type") == EXTERNAL_NAME:
            if spec.get("type") != EXTERNAL_NAME:
                await self.allocate_cluster_ips()
            return
        if (before.get("clusterIPs") or [""])[0] == HEADLESS:
            return
        if spec.get("type") == EXTERNAL_NAME:
            self.leaving += before.get("clusterIPs") or []
            return
        families, previous = spec.get("ipFamilies") or [], before.get("ipFamilies") or []
        if len(previous) == 1 and len(families) == 2:
            addresses = [*(spec.get("clusterIPs") or []), ""][:2]
            spec["clusterIPs"] = addresses
            spec["clusterIPs"] = [addresses[0], await self._take(families[1], addresses[1])]
        elif len(previous) == 2 and len(families) == 1:
            self.leaving += (before.get("clusterIPs") or [])[1:2]

    # ---------------------------------------------------------------- node ports

    async def init_node_ports(self) -> None:
        """A port for each of a new service; the same number under several protocols shares one."""
        ports: list[Object] = self.spec.get("ports") or []
        chosen: dict[int, int] = {}
        for i, port in enumerate(ports):
            wanted = port.get("nodePort", 0)
            if not wanted and not should_allocate_node_ports(self.spec):
                continue
            number = port.get("port", 0)
            known = chosen.get(number, 0)
            if not known:
                wanted = next((p["nodePort"] for p in ports if p.get("port", 0) == number and p.get("nodePort")), 0)
                port["nodePort"] = chosen[number] = await self._take_port(i, wanted)
            elif not wanted:
                port["nodePort"] = known
            elif wanted != known:
                await self._take_port(i, wanted)

    async def _take_port(self, index: int, wanted: int) -> int:
        if not wanted:
            try:
                return await self.ports.allocate_next()
            except AllocationError as error:
                raise errors.internal_error(f"failed to allocate a nodePort: {error}") from error
        try:
            await self.ports.allocate(wanted)
        except AllocationError as error:
            problem = field.invalid(_PORTS.index(index).child("nodePort"), wanted, str(error))
            raise invalid_service(self.name, [problem]) from error
        return wanted

    async def update_node_ports(self, old: Object) -> None:
        """Ports come and go with the type and with the list of ports; the health check's likewise."""
        spec, before = self.spec, old.get("spec", {})
        had = node_ports(before)
        if spec.get("type") in (NODE_PORT, LOAD_BALANCER):
            await self._change_node_ports(had)
        elif before.get("type") in (NODE_PORT, LOAD_BALANCER):
            self.ports.release(had)
        if needs_health_check(spec) and not needs_health_check(before):
            await self.allocate_health_check_port()
        elif needs_health_check(before) and not needs_health_check(spec) and before.get("healthCheckNodePort"):
            self.ports.release([before["healthCheckNodePort"]])

    async def _change_node_ports(self, had: list[int]) -> None:
        seen: set[tuple[str, int]] = set()
        taken: set[int] = set()
        for i, port in enumerate(self.spec.get("ports") or ()):
            wanted = port.get("nodePort", 0)
            if not wanted:
                if not should_allocate_node_ports(self.spec):
                    continue
                port["nodePort"] = await self._take_port(i, 0)
            elif wanted not in had and wanted not in taken:
                await self._take_port(i, wanted)
                taken.add(wanted)
            key = (port.get("protocol", ""), port["nodePort"])
            if key in seen:
                raise plain_error(f"duplicate nodePort: {{{key[0]} {key[1]}}}")
            seen.add(key)
        now = set(node_ports(self.spec))
        self.ports.release([p for p in had if p not in now])

    async def allocate_health_check_port(self) -> None:
        """The port on which load balancers ask nodes for local endpoints."""
        wanted = self.spec.get("healthCheckNodePort", 0)
        try:
            if wanted:
                await self.ports.allocate(wanted)
            else:
                self.spec["healthCheckNodePort"] = await self.ports.allocate_next()
        except AllocationError as error:
            which = f"requested HealthCheck NodePort {wanted}" if wanted else "a HealthCheck NodePort 0"
            raise errors.internal_error(f"failed to allocate {which}: {error}") from error
