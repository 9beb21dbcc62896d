"""Storages of the streaming subresources, made when a server installs them. Next: `log.py`, `sessions.py`, `proxies.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.contributions import PreShutdownHook

if TYPE_CHECKING:
    from kubern.registry.store import ResourceStore
    from kubern.server import GenericAPIServer
    from kubern_kubeapi.streaming.kubelets import Kubelets

_SHARED = "kubeapi/kubelets"


def _kubelets(server: GenericAPIServer) -> Kubelets:
    """The one pool of connections of a server."""
    from kubern_kubeapi.streaming.kubelets import Kubelets

    shared = server.config.shared
    if _SHARED not in shared:
        made = shared[_SHARED] = Kubelets(server)
        server.add_pre_shutdown_hook(PreShutdownHook("close-kubelet-connections", made.hang_up))
    kubelets: Kubelets = shared[_SHARED]
    return kubelets


def log(store: ResourceStore, server: GenericAPIServer) -> object:
    from kubern_kubeapi.streaming.log import LogStorage

    return LogStorage(store, _kubelets(server))


def exec_(store: ResourceStore, server: GenericAPIServer) -> object:
    from kubern_kubeapi.streaming.sessions import EXEC, SessionStorage

    return SessionStorage(store, _kubelets(server), EXEC)


def attach(store: ResourceStore, server: GenericAPIServer) -> object:
    from kubern_kubeapi.streaming.sessions import ATTACH, SessionStorage

    return SessionStorage(store, _kubelets(server), ATTACH)


def port_forward(store: ResourceStore, server: GenericAPIServer) -> object:
    from kubern_kubeapi.streaming.sessions import PORT_FORWARD, SessionStorage

    return SessionStorage(store, _kubelets(server), PORT_FORWARD)


def node_proxy(store: ResourceStore, server: GenericAPIServer) -> object:
    from kubern_kubeapi.streaming.proxies import NodeProxy

    return NodeProxy(store, _kubelets(server))


def pod_proxy(store: ResourceStore, server: GenericAPIServer) -> object:
    from kubern_kubeapi.streaming.proxies import PodProxy

    return PodProxy(store, _kubelets(server))


def service_proxy(store: ResourceStore, server: GenericAPIServer) -> object:
    from kubern_kubeapi.streaming.proxies import ServiceProxy

    return ServiceProxy(store, _kubelets(server))
