"""Says of each APIService whether it can be used (upstream: kube-aggregator/pkg/controllers/status).

Local ones always can; remote ones when their service exists, has endpoints and answers discovery requests.
Next: `../upstream.py` for how they are reached.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import StatusError
from kubern.registry.before import now_text
from kubern.remote.errors import connection_error_text, join_host_port
from kubern.remote.http import MalformedResponse
from kubern.util.goquote import go_quote
from kubern_aggregator.api.apiservice import GROUP, RESOURCE, available_condition, local_condition
from kubern_aggregator.fetch import AGGREGATOR, PRIVILEGED
from kubern_aggregator.handlers.identity import identity_headers
from kubern_aggregator.upstream import (
    SERVICE_NAME,
    SLICES,
    Address,
    ResolveError,
    TransportError,
    endpoint_slices,
    ready_endpoints,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubern.client.loopback import LoopbackClient
    from kubern.storage.cacher import Change
    from kubern_aggregator.registry import Registered, Registry
    from kubern_aggregator.upstream import Upstreams

Object = dict[str, Any]
RESYNC_SECONDS = 30.0
FIRST_RETRY_SECONDS = 0.05
# Differs from kube-apiserver: it waits up to 30 seconds between two checks; a check is one cheap request, and whoever
# waits for a server that is back should not wait that long.
LAST_RETRY_SECONDS = 5.0
CHECK_SECONDS = 5.0
_MAX_DOUBLINGS = 10


def condition(status: str, reason: str, message: str) -> Object:
    """An Available condition as of now."""
    now = now_text()
    return {"type": "Available", "status": status, "lastTransitionTime": now, "reason": reason, "message": message}


def set_condition(obj: Object, new: Object) -> None:
    """Put the condition in the status; its time moves only with its status (upstream: SetAPIServiceCondition)."""
    found = available_condition(obj)
    if found is None:
        status = obj.setdefault("status", {})
        status["conditions"] = [*(status.get("conditions") or ()), new]
        return
    if found.get("status") != new["status"]:
        found |= {"status": new["status"], "lastTransitionTime": new["lastTransitionTime"]}
    found |= {"reason": new["reason"], "message": new["message"]}


class Availability:
    """The controller; `run` works for ever on what `enqueue` names."""

    def __init__(self, client: LoopbackClient, registry: Registry, upstreams: Upstreams) -> None:
        self.client = client
        self.registry = registry
        self.upstreams = upstreams
        self._wanted: set[str] = set()
        self._running: set[str] = set()
        self._failures: dict[str, int] = {}
        self._wake = asyncio.Event()

    async def start(self) -> None:
        """Listen to APIServices, services and endpoint slices."""
        self.registry.on_change(self.enqueue)
        for group, resource, service_of in (("", "services", _own_name), (*SLICES, _service_of_slice)):
            store = self.client.server.find_store(group, resource)
            if store is not None:
                await store.cacher.ready()
                store.cacher.subscribe(self._listener(service_of))
        for name in self.registry.all:
            self.enqueue(name)

    def _listener(self, service_of: Callable[[Change], str]) -> Callable[[Sequence[Change]], None]:
        def changed(changes: Sequence[Change]) -> None:
            if not self.registry.remote:
                return
            services = {(change.namespace, service_of(change)) for change in changes}
            for one in self.registry.remote.values():
                service = one.spec["service"]
                if (service.get("namespace"), service.get("name")) in services:
                    self.enqueue(one.name)

        return changed

    def enqueue(self, name: str) -> None:
        """Check an APIService soon."""
        self._wanted.add(name)
        self._wake.set()

    async def run(self) -> None:
        """Check what is wanted, each APIService once at a time and all of them side by side."""
        loop = asyncio.get_running_loop()
        resync = loop.time() + RESYNC_SECONDS
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    async with asyncio.timeout_at(resync):
                        await self._wake.wait()
                except TimeoutError:
                    resync = loop.time() + RESYNC_SECONDS
                    self._wanted.update(one.name for one in self.registry.remote.values())
                self._wake.clear()
                for name in self._wanted - self._running:
                    self._wanted.discard(name)
                    self._running.add(name)
                    group.create_task(self._work(name))

    async def _work(self, name: str) -> None:
        try:
            good = await self._check(name)
        except (StatusError, TransportError):
            good = False  # as upstream, a certificate that cannot be read leaves the condition as it was
        finally:
            self._running.discard(name)
        if good:
            self._failures.pop(name, None)
        elif name in self.registry.all:
            failures = self._failures[name] = self._failures.get(name, 0) + 1
            delay = min(FIRST_RETRY_SECONDS * 2 ** min(failures - 1, _MAX_DOUBLINGS), LAST_RETRY_SECONDS)
            asyncio.get_running_loop().call_later(delay, self.enqueue, name)
        if name in self._wanted:
            self._wake.set()

    async def _check(self, name: str) -> bool:
        """Bring one status up to date; False when the server behind it failed and is asked again soon."""
        one = self.registry.all.get(name)
        if one is None:
            return True
        new = await self._condition(one) if one.remote else local_condition()
        await self._write(one, new)
        return bool(new["reason"] != "FailedDiscoveryCheck")

    async def _write(self, one: Registered, new: Object) -> None:
        stored = await self.client.get(GROUP, RESOURCE, "", one.name)
        if stored is None or stored.get("spec") != one.spec:
            return
        found = available_condition(stored)
        if found is not None and all(found.get(key) == new[key] for key in ("status", "reason", "message")):
            return

        def change(obj: Object) -> None:
            if obj.get("spec") == one.spec:
                set_condition(obj, new)

        await self.client.update(GROUP, RESOURCE, "", one.name, change, subresource="status")

    async def _condition(self, one: Registered) -> Object:
        service_ref = one.spec["service"]
        namespace, name = service_ref.get("namespace", ""), service_ref.get("name", "")
        shown = f"service/{name} in {go_quote(namespace)}"
        service = None
        if self.client.server.find_store("", "services") is not None:
            service = await self.client.get("", "services", namespace, name)
        if service is None:
            return condition("False", "ServiceNotFound", f"{shown} is not present")
        if service.get("spec", {}).get("type", "ClusterIP") == "ClusterIP":
            problem = await self._endpoints_problem(service, service_ref.get("port", 443), namespace, name)
            if problem is not None:
                return problem
        failure = await self._discovery_failure(one)
        if failure:
            return condition("False", "FailedDiscoveryCheck", failure)
        return condition("True", "Passed", "all checks passed")

    async def _endpoints_problem(self, service: Object, port: int, namespace: str, name: str) -> Object | None:
        shown = f"service/{name} in {go_quote(namespace)}"
        found = next((p for p in service["spec"].get("ports", ()) if p.get("port") == port), None)
        if found is None:
            return condition("False", "ServicePortError", f"{shown} is not listening on port {port}")
        slices = await endpoint_slices(self.client, namespace, name)
        if not slices:
            return condition("False", "EndpointsNotFound", f"cannot find endpointslices for {shown}")
        port_name = found.get("name", "")
        if not ready_endpoints(slices, port_name):
            message = f"endpointslices for {shown} have no addresses with port name {go_quote(port_name)}"
            return condition("False", "MissingEndpoints", message)
        return None

    async def _discovery_failure(self, one: Registered) -> str:
        """Why the server behind an APIService does not answer, "" when it does. Raises TransportError.

        Differs from kube-apiserver: one request instead of five at once, of which one had to succeed; a failed one
        is repeated once on a new connection.
        """
        try:
            address = await self.upstreams.address(one.spec)
        except ResolveError as error:
            return str(error)
        path = f"/apis/{one.group}/{one.version}" if one.group else f"/api/{one.version}"
        url = f"https://{join_host_port(address.host, address.port)}{path}"
        failure = ""
        for _ in range(2):
            failure = await self._probe(address, path, url)
            if not failure:
                break
        return failure

    async def _probe(self, address: Address, path: str, url: str) -> str:
        failing = f"failing or missing response from {url}: "
        get = f"Get {go_quote(url)}: "
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                status = await self._get(address, path)
        except TimeoutError:
            return f"{failing}{get}context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        except (OSError, EOFError, MalformedResponse) as error:
            return f"{failing}{get}{connection_error_text(error, address.host, address.port)}"
        return "" if 200 <= status < 300 else f"{failing}bad status from {url}: {status}"

    async def _get(self, address: Address, path: str) -> int:
        connection, _ = await self.upstreams.connect(address, fresh=True)
        try:
            host = join_host_port(address.host, address.port).encode()
            headers = [(b"host", host), (b"user-agent", b"kube-apiserver"), (b"connection", b"close")]
            connection.send_head("GET", path, headers + identity_headers(AGGREGATOR, "", PRIVILEGED, {}))
            return await connection.read_head()
        finally:
            connection.close()


def _own_name(change: Change) -> str:
    return change.name


def _service_of_slice(change: Change) -> str:
    known = change.entry or change.prev
    return known.labels.get(SERVICE_NAME, "") if known is not None else ""
