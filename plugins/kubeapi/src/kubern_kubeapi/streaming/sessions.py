"""exec, attach and port forwarding: sessions with a container that leave HTTP.

Upstream: pkg/registry/core/pod/rest/subresources.go. The upgraded connection is the kubelet's; nothing here reads it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from kubern.apimachinery.errors import bad_request
from kubern.authorization.interface import Decision
from kubern.authorization.request_attributes import authorization_attributes, forbidden_error
from kubern.util.upgrade import offered_upgrade
from kubern.util.websocket import HandshakeRefused
from kubern_kubeapi.streaming.containers import choose_container
from kubern_kubeapi.streaming.exchange import FAILURES, LocationExchange, upgrade_failure
from kubern_kubeapi.streaming.query import read_options
from kubern_kubeapi.streaming.translate import Translation, is_translated
from kubern_kubeapi.streaming.tunnel import TunnelExchange, tunnelled_protocols

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Send
    from kubern.registry.store import ResourceStore
    from kubern.request import RequestContext
    from kubern_kubeapi.streaming.kubelets import Kubelets

Object = dict[str, Any]
_STREAMS = {"stdin": "bool", "stdout": "bool", "stderr": "bool", "tty": "bool", "container": "text"}
_KUBELET_NAMES = {"stdin": "input", "stdout": "output", "stderr": "error", "tty": "tty"}


@dataclasses.dataclass(frozen=True, slots=True)
class Session:
    """One sort of session: its options, and where the kubelet offers it."""

    kind: str
    fields: Mapping[str, str]
    path: str
    in_container: bool


EXEC = Session("PodExecOptions", {**_STREAMS, "command": "texts"}, "exec", True)
ATTACH = Session("PodAttachOptions", _STREAMS, "attach", True)
PORT_FORWARD = Session("PodPortForwardOptions", {"ports": "ints"}, "portForward", False)


class SessionStorage:
    """GET and POST of pods/NAME/exec, attach, portforward."""

    namespaced = True
    connect_methods = ("GET", "POST")

    def __init__(self, store: ResourceStore, kubelets: Kubelets, session: Session) -> None:
        self.store = store
        self.kubelets = kubelets
        self.session = session

    def connect_options(self, ctx: RequestContext) -> Object:
        """The session's options as admission sees them. Raises StatusError 400."""
        return read_options(ctx.query, self.session.kind, self.session.fields)

    async def connect(self, ctx: RequestContext, name: str, scope: Any, receive: Receive, send: Send) -> None:
        """Join client and kubelet. Raises StatusError 400, 403, 404, 500."""
        await self._check_may_create(ctx)
        options = self.connect_options(ctx)
        pod = await self.store.get_object(ctx.info.namespace, name)
        parts = ["", self.session.path, ctx.info.namespace, name]
        if self.session.in_container:
            parts.append(choose_container(pod, options.get("container", "")))
        node_name = pod["spec"].get("nodeName")
        if not node_name:
            raise bad_request(f"pod {name} does not have a host assigned")
        location = await self.kubelets.locate(node_name)
        upgrade = offered_upgrade(scope)
        if upgrade is None:
            raise bad_request("Upgrade request required")
        query = _kubelet_query(options)
        target = "/".join(parts) + (f"?{query}" if query else "")
        pool, rate = self.kubelets.pool, self.kubelets.bytes_per_second
        websocket = upgrade.protocol == "websocket"
        try:
            if websocket and self.session.in_container and is_translated(scope):
                await Translation(pool, location, target, options, rate).run(scope, upgrade)
                return
            tunnelled = websocket and not self.session.in_container and bool(tunnelled_protocols(scope))
            exchange = TunnelExchange if tunnelled else LocationExchange
            await exchange(pool, location, target, ctx, receive, send, bytes_per_second=rate).run()
        except HandshakeRefused as error:
            raise bad_request(error.body) from None
        except FAILURES as error:
            if ctx.response_started:
                raise ConnectionAbortedError("the kubelet broke off the session") from error
            raise upgrade_failure(error, location) from error

    async def _check_may_create(self, ctx: RequestContext) -> None:
        """A session is begun, whatever method asks for it. Raises StatusError 403."""
        if ctx.info.verb == "create":
            return
        attributes = dataclasses.replace(authorization_attributes(ctx), verb="create")
        decision, reason = await self.kubelets.server.config.authorizer.authorize(attributes)
        if decision is not Decision.ALLOW:
            raise forbidden_error(attributes, reason)


def _kubelet_query(options: Mapping[str, Any]) -> str:
    """The options as the kubelet takes them."""
    pairs = [(theirs, "1") for ours, theirs in _KUBELET_NAMES.items() if options.get(ours)]
    pairs += [("command", part) for part in options.get("command", ())]
    pairs += [("port", port) for port in options.get("ports", ())]
    return urlencode(sorted(pairs, key=lambda pair: pair[0]))
