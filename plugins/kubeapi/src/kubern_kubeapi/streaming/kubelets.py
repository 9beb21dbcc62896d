"""How a node's kubelet is reached: address, port and TLS (upstream: pkg/kubelet/client, NodeConnectionInfoGetter).

Next: `exchange.py`, which connects.
"""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING, Any

from kubern.options.egress_selector import EgressSelectorOptions
from kubern.options.misc import MiscOptions
from kubern.registry.errors import plain_error
from kubern.remote.http import Pool

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer

Object = dict[str, Any]
_HOSTNAME_LABEL = "kubernetes.io/hostname"


class Location:
    """Where to connect to; `context` is None for plain HTTP, `timeout` for the operating system's patience."""

    __slots__ = ("context", "host", "port", "timeout")

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, timeout: float | None = None) -> None:
        self.timeout = timeout
        self.host = host
        self.port = port
        self.context = context

    @property
    def scheme(self) -> str:
        return "http" if self.context is None else "https"


class Kubelets:
    """The kubelets of the cluster; `pool` keeps connections to them and to whatever else is proxied to."""

    def __init__(self, server: GenericAPIServer) -> None:
        self.server = server
        self.pool = Pool(server.config.options.section(EgressSelectorOptions).cluster)
        self._contexts: dict[tuple[Any, ...], ssl.SSLContext] = {}

    async def locate(self, node_name: str) -> Location:
        """The kubelet of a node. Raises StatusError 404, 500."""
        options = self.server.config.options.section(MiscOptions)
        node = await self.server.stores["", "nodes"].get_object("", node_name)
        host = preferred_address(node, options.kubelet_preferred_address_types)
        endpoint = ((node.get("status") or {}).get("daemonEndpoints") or {}).get("kubeletEndpoint") or {}
        port = endpoint.get("Port") or options.kubelet_port
        # Differs from kube-apiserver: it ignores --kubelet-timeout and gives up after 30 seconds.
        return Location(host, port, self._context(options), options.kubelet_timeout or None)

    async def hang_up(self, outermost: GenericAPIServer) -> None:
        """Close the connections that are kept."""
        self.pool.close()

    @property
    def bytes_per_second(self) -> int:
        """The limit of each direction of a connection that leaves HTTP; 0 for none."""
        return self.server.config.options.section(MiscOptions).max_connection_bytes_per_sec

    def insecure_context(self) -> ssl.SSLContext:
        """TLS without checks, as proxies to pods, services and node ports use it."""
        return self._make(("", "", ""))

    def _context(self, options: MiscOptions) -> ssl.SSLContext:
        authority = options.kubelet_certificate_authority
        return self._make((authority, options.kubelet_client_certificate, options.kubelet_client_key))

    def _make(self, files: tuple[str, str, str]) -> ssl.SSLContext:
        key = (*files, *(os.stat(path).st_mtime_ns if path else 0 for path in files))
        context = self._contexts.get(key)
        if context is None:
            context = self._contexts[key] = _new_context(*files)
        return context


def _new_context(authority: str, cert_file: str, key_file: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if authority:
        context.load_verify_locations(authority)
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert_file and key_file:
        context.load_cert_chain(cert_file, key_file)
    return context


def preferred_address(node: Object, types: tuple[str, ...]) -> str:
    """The first address of the most preferred type. Raises StatusError 500."""
    addresses = (node.get("status") or {}).get("addresses") or []
    for kind in types:
        for address in addresses:
            if address.get("type") == kind and address.get("address"):
                return str(address["address"])
        if kind == "Hostname":
            hostname = (node["metadata"].get("labels") or {}).get(_HOSTNAME_LABEL)
            if hostname:
                return str(hostname)
    known = " ".join(f"{{{a.get('type', '')} {a.get('address', '')}}}" for a in addresses)
    raise plain_error(f"no preferred addresses found; known addresses: [{known}]")
