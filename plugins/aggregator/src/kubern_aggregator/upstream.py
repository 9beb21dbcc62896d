"""How one extension API server is reached: address of its service, TLS and the proxy's client certificate.

Upstream: kube-aggregator's service resolvers and transport config. Next: `handlers/proxy.py`, its user.
"""

from __future__ import annotations

import base64
import binascii
import os
import random
import ssl
from typing import TYPE_CHECKING, Any

from kubern.options.egress_selector import EgressSelectorOptions
from kubern.remote.http import Connection, Pool
from kubern.remote.service_resolver import ServiceResolver
from kubern.remote.webhook import WebhookError
from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubern.client.loopback import LoopbackClient

Object = dict[str, Any]
SLICES = ("discovery.k8s.io", "endpointslices")
SERVICE_NAME = "kubernetes.io/service-name"


class ResolveError(Exception):
    """A service has no address; the text says why."""


class TransportError(Exception):
    """The TLS configuration cannot be used; the text is Go's."""


class Address:
    """Where to connect to and what makes connections interchangeable."""

    __slots__ = ("context", "host", "port", "server_name")

    def __init__(self, host: str, port: int, context: ssl.SSLContext, server_name: str) -> None:
        self.host = host
        self.port = port
        self.context = context
        self.server_name = server_name


class Upstreams:
    """Connections to extension API servers."""

    def __init__(self, client: LoopbackClient, cert_file: str, key_file: str, by_endpoints: bool) -> None:
        self.client = client
        self.pool = Pool(client.server.config.options.section(EgressSelectorOptions).cluster)
        self._files = (cert_file, key_file)
        self._by_endpoints = by_endpoints
        self._cluster = ServiceResolver(client)
        self._contexts: dict[tuple[Any, ...], ssl.SSLContext] = {}

    async def address(self, spec: Mapping[str, Any]) -> Address:
        """The address of an APIService's server. Raises ResolveError, TransportError."""
        service = spec["service"]
        namespace, name, port = service.get("namespace", ""), service.get("name", ""), service.get("port", 443)
        context = self.context(spec)
        if self._by_endpoints:
            host, port = await self._endpoint(namespace, name, port)
        else:
            try:
                host, port = await self._cluster(namespace, name, port)
            except WebhookError as error:
                raise ResolveError(str(error)) from None
        return Address(host, port, context, f"{name}.{namespace}.svc")

    async def connect(self, address: Address, *, fresh: bool = False) -> tuple[Connection, bool]:
        """A connection, and whether it was used before. Raises OSError."""
        return await self.pool.connect(address.host, address.port, address.context, address.server_name, fresh=fresh)

    def release(self, connection: Connection, address: Address) -> None:
        """Take a connection back after an exchange."""
        self.pool.release(connection, address.host, address.port, address.context, address.server_name)

    async def _endpoint(self, namespace: str, name: str, port: int) -> tuple[str, int]:
        service = await self.client.get("", "services", namespace, name)
        if service is None:
            raise ResolveError(f"service {go_quote(name)} not found")
        spec = service.get("spec", {})
        if spec.get("type") == "ExternalName":
            return spec.get("externalName", ""), port
        found = next((p for p in spec.get("ports", ()) if p.get("port") == port), None)
        if found is None:
            raise ResolveError(f"no service port {port} found for service {go_quote(name)}")
        ready = ready_endpoints(await endpoint_slices(self.client, namespace, name), found.get("name", ""))
        if not ready:
            raise ResolveError(f"no endpoints available for service {go_quote(name)}")
        return random.choice(ready)

    def context(self, spec: Mapping[str, Any]) -> ssl.SSLContext:
        """The TLS context of an APIService; made anew when the client certificate's file changed."""
        bundle, insecure = spec.get("caBundle", ""), bool(spec.get("insecureSkipTLSVerify"))
        key = (bundle, insecure, *(_changed_at(path) for path in self._files))
        context = self._contexts.get(key)
        if context is None:
            context = self._contexts[key] = _new_context(bundle, insecure, *self._files)
        return context


def _changed_at(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns if path else 0
    except OSError:
        return 0


def _new_context(bundle: str, insecure: bool, cert_file: str, key_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context() if not bundle and not insecure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif bundle:
        try:
            context.load_verify_locations(cadata=base64.b64decode(bundle).decode("latin-1"))
        except (ssl.SSLError, binascii.Error):
            message = "unable to load root certificates: unable to parse bytes as PEM block"
            raise TransportError(message) from None
    if cert_file and key_file:
        try:
            context.load_cert_chain(cert_file, key_file)
        except (OSError, ssl.SSLError) as error:
            raise TransportError(f"unable to load the proxy client certificate: {error}") from None
    return context


async def endpoint_slices(client: LoopbackClient, namespace: str, name: str) -> list[Object]:
    """The endpoint slices of a service."""
    store = client.server.find_store(*SLICES)
    if store is None:
        return []
    await store.cacher.ready()
    return [
        entry.decode()
        for entry in store.cacher.entries().values()
        if entry.namespace == namespace and entry.labels.get(SERVICE_NAME) == name
    ]


def ready_endpoints(slices: list[Object], port_name: str) -> list[tuple[str, int]]:
    """Addresses and ports of the endpoints of a service's port that are ready."""
    found = []
    for one in slices:
        ports = [p["port"] for p in one.get("ports") or () if p.get("name", "") == port_name and p.get("port")]
        for endpoint in one.get("endpoints") or ():
            if endpoint.get("conditions", {}).get("ready", True):
                found += [(address, port) for address in endpoint.get("addresses") or () for port in ports]
    return found
