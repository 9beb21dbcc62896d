"""Proxies to nodes, pods and services (upstream: the ProxyREST and ResourceLocation of each).

Next: `exchange.py` for one request on its way.
"""

from __future__ import annotations

import asyncio
import ipaddress
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kubern.apimachinery.errors import bad_request, service_unavailable
from kubern.client.loopback import LoopbackClient
from kubern.util.goquote import go_quote
from kubern.util.upgrade import offered_upgrade
from kubern_kubeapi.streaming.exchange import FAILURES, LocationExchange, failure_text, upgrade_failure
from kubern_kubeapi.streaming.kubelets import Location

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Send
    from kubern.registry.store import ResourceStore
    from kubern.request import RequestContext
    from kubern_kubeapi.streaming.kubelets import Kubelets

Object = dict[str, Any]
_SERVICE_NAME = "kubernetes.io/service-name"
_NOT_ALLOWED = "address not allowed"


def split_scheme_name_port(text: str, what: str) -> tuple[str, str, str]:
    """`https:name:port` and its shorter forms. Raises StatusError 400."""
    parts = text.split(":")
    if len(parts) == 1:
        scheme, name, port = "", parts[0], ""
    elif len(parts) == 2:
        scheme, (name, port) = "", parts
    elif len(parts) == 3:
        scheme, name, port = parts
    else:
        name = ""
    if not name or scheme not in ("", "http", "https"):
        raise bad_request(f"invalid {what} request {go_quote(text)}")
    return scheme, name, port


def check_proxyable(host: str) -> None:
    """Addresses of this machine and of its links are nobody's pods. Raises StatusError 400."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise bad_request(_NOT_ALLOWED) from None
    if address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified:
        raise bad_request(_NOT_ALLOWED)


async def resolve_proxyable(host: str) -> str:
    """The address of a host that `check_proxyable` lets pass. Raises StatusError 400.

    What is connected to is the address that was checked: a name that resolves differently the second time leads
    nowhere else.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except OSError as error:
        raise bad_request(f"lookup {host}: {error.strerror}") from None
    addresses = [str(info[4][0]) for info in found]
    for address in addresses:
        check_proxyable(address)
    return addresses[0]


class ProxyStorage:
    """Any method on NAME/proxy and the paths below it; subclasses find the other server."""

    kind = ""

    def __init__(self, store: ResourceStore, kubelets: Kubelets) -> None:
        self.store = store
        self.kubelets = kubelets

    @property
    def namespaced(self) -> bool:
        return self.store.namespaced

    async def locate(self, ctx: RequestContext, name: str) -> Location:
        """The other server. Raises StatusError 400, 404, 503."""
        raise TypeError

    def connect_options(self, ctx: RequestContext) -> Object:
        """The options as admission sees them."""
        path = ctx.query_first("path") or _path_below(ctx)
        return {"kind": self.kind, "apiVersion": "v1", **({"path": path} if path else {})}

    async def connect(self, ctx: RequestContext, name: str, scope: Any, receive: Receive, send: Send) -> None:
        """Pass the request on. Raises StatusError 400, 404, 503."""
        location = await self.locate(ctx, name)
        path = _path_below(ctx)
        query = (scope.get("query_string") or b"").decode("latin-1")
        suffix = f"?{query}" if query else ""
        if not path and scope["method"] in ("GET", "HEAD") and offered_upgrade(scope) is None:
            # Relative links of the other server's first page need the slash.
            headers = [(b"location", (quote(ctx.info.path) + "/" + suffix).encode("latin-1"))]
            await send({"type": "http.response.start", "status": 301, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        prefix = quote(ctx.info.path.removesuffix(path).rstrip("/"))
        target = quote(path or "/") + suffix
        pool, rate = self.kubelets.pool, self.kubelets.bytes_per_second
        exchange = LocationExchange(pool, location, target, ctx, receive, send, prefix, rate)
        try:
            await exchange.run()
        except FAILURES as error:
            if ctx.response_started:
                raise ConnectionAbortedError("the other server broke off its answer") from error
            if exchange.upgrade is not None:
                raise upgrade_failure(error, location) from error
            raise service_unavailable(f"error trying to reach service: {failure_text(error, location)}") from error

    def location(self, scheme: str, host: str, port: int) -> Location:
        """A server that is no kubelet: plain HTTP unless asked otherwise, and then without checks."""
        return Location(host, port, self.kubelets.insecure_context() if scheme == "https" else None)


def _path_below(ctx: RequestContext) -> str:
    """The path below .../proxy, with its slash, "" for .../proxy itself."""
    rest = "/".join(ctx.info.parts[3:])
    if rest:
        return "/" + rest + ("/" if ctx.info.path.endswith("/") else "")
    return "/" if ctx.info.path.endswith("/") else ""


def _port_number(text: str, default: int) -> int:
    """Raises StatusError 400."""
    if not text:
        return default
    if not text.isdigit():
        raise bad_request(f"invalid port {go_quote(text)}")
    return int(text)


class NodeProxy(ProxyStorage):
    """nodes/NAME/proxy: the kubelet, or another port of the node."""

    kind = "NodeProxyOptions"

    async def locate(self, ctx: RequestContext, name: str) -> Location:
        scheme, node_name, port = split_scheme_name_port(name, "node")
        kubelet = await self.kubelets.locate(node_name)
        number = _port_number(port, kubelet.port)
        if number == kubelet.port:
            return kubelet
        return self.location(scheme, await resolve_proxyable(kubelet.host), number)


class PodProxy(ProxyStorage):
    """pods/NAME/proxy: the first port of the pod, or the one that is named."""

    kind = "PodProxyOptions"

    async def locate(self, ctx: RequestContext, name: str) -> Location:
        scheme, pod_name, port = split_scheme_name_port(name, "pod")
        pod = await self.store.get_object(ctx.info.namespace, pod_name)
        ports = [p["containerPort"] for c in pod["spec"].get("containers") or () for p in c.get("ports") or ()]
        ips = (pod.get("status") or {}).get("podIPs") or ()
        host = ips[0].get("ip", "") if ips else ""
        check_proxyable(host)
        default = ports[0] if ports else 443 if scheme == "https" else 80
        return self.location(scheme, host, _port_number(port, default))


class ServiceProxy(ProxyStorage):
    """services/NAME/proxy: one of the pods behind the service."""

    kind = "ServiceProxyOptions"

    async def locate(self, ctx: RequestContext, name: str) -> Location:
        scheme, service_name, port = split_scheme_name_port(name, "service")
        namespace = ctx.info.namespace
        service = await self.store.get_object(namespace, service_name)
        if port.isdigit():
            port = _port_name(service, int(port))
        slices = await LoopbackClient(self.kubelets.server).list("discovery.k8s.io", "endpointslices", namespace)
        found = []
        for one in slices:
            if (one["metadata"].get("labels") or {}).get(_SERVICE_NAME) == service_name:
                found += _pod_endpoints(one, port)
        if not found:
            raise service_unavailable(f"no endpoints available for service {go_quote(name)}")
        host, number = random.choice(found)
        check_proxyable(host)
        return self.location(scheme, host, number)


def _port_name(service: Mapping[str, Any], number: int) -> str:
    """The name of a service's port. Raises StatusError 503."""
    for port in service["spec"].get("ports") or ():
        if port.get("port") == number:
            return str(port.get("name") or "")
    name = go_quote(service["metadata"]["name"])
    raise service_unavailable(f"no service port {number} found for service {name}")


def _pod_endpoints(one: Mapping[str, Any], port_name: str) -> list[tuple[str, int]]:
    """Addresses and ports of a slice's ready pods."""
    ports = [p["port"] for p in one.get("ports") or () if (p.get("name") or "") == port_name and p.get("port")]
    return [
        (endpoint["addresses"][0], port)
        for endpoint in one.get("endpoints") or ()
        if (endpoint.get("conditions") or {}).get("ready", True)
        and (endpoint.get("targetRef") or {}).get("kind") == "Pod"
        and endpoint.get("addresses")
        for port in ports
    ]
