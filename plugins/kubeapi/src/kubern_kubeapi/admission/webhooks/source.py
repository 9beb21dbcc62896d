"""The configured webhooks, and those that a request is for (upstream: webhook/generic and configuration managers).

Made anew when a configuration changes; a webhook whose own text is the same keeps its connections.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import orjson

from kubern.apimachinery.errors import GroupResource, StatusError, forbidden
from kubern_kubeapi.admission.dynamic.conditions import MatchConditions
from kubern_kubeapi.admission.dynamic.matching import SelectorMatcher, Selectors, match_rules
from kubern_kubeapi.admission.dynamic.versions import Kind, VersionedAttributes, kind_for
from kubern_kubeapi.admission.lister import Derived, Lister
from kubern_kubeapi.admission.webhooks.credentials import load_credentials

if TYPE_CHECKING:
    from kubern.admission.interface import Attributes
    from kubern.config import CompletedConfig
    from kubern.remote.webhook import WebhookClient, WebhookTarget
    from kubern_kubeapi.admission.dynamic.cel import Authorization
    from kubern_kubeapi.admission.dynamic.rules import Resource

Object = dict[str, Any]
GROUP = "admissionregistration.k8s.io"


class Hook(NamedTuple):
    """A webhook, ready to be called; `uid` tells it from all others, `configuration` is where it stands."""

    uid: str
    name: str
    configuration: str
    document: Object
    selectors: Selectors
    conditions: MatchConditions | None
    client: WebhookClient

    @property
    def ignores_failures(self) -> bool:
        return self.document.get("failurePolicy") == "Ignore"


class Invocation(NamedTuple):
    """A webhook to call, and as what it sees the request."""

    position: int
    hook: Hook
    resource: Resource
    kind: Kind


class WebhookSource:
    """The webhooks of one kind of configuration."""

    def __init__(self, config: CompletedConfig, resource: str, plugin: str) -> None:
        """Raises StartError."""
        self._config = config
        self._selectors = SelectorMatcher(config)
        self._credentials = load_credentials(config, plugin)
        self._known: dict[tuple[str, bytes], Hook] = {}
        self._hooks = Derived(Lister(config, GROUP, resource), self._make)

    async def hooks(self) -> list[Hook]:
        """All webhooks, in the order of their configurations' names and of their places in these."""
        return await self._hooks.get()

    def _make(self, configurations: list[Object]) -> list[Hook]:
        hooks: list[Hook] = []
        known: dict[tuple[str, bytes], Hook] = {}
        for configuration in configurations:
            seen: dict[str, int] = {}
            for webhook in configuration.get("webhooks") or ():
                name = webhook.get("name", "")
                seen[name] = seen.get(name, 0) + 1
                uid = f"{configuration['metadata']['name']}/{name}/{seen[name] - 1}"
                key = (uid, orjson.dumps(webhook))
                known[key] = self._known.get(key) or self._hook(uid, configuration, webhook)
                hooks.append(known[key])
        for key, hook in self._known.items():
            if key not in known:
                hook.client.close()
        self._known = known
        return hooks

    def _hook(self, uid: str, configuration: Object, webhook: Object) -> Hook:
        from kubern.client.loopback import LoopbackClient
        from kubern.options.egress_selector import EgressSelectorOptions
        from kubern.remote.service_resolver import ServiceResolver
        from kubern.remote.webhook import WebhookClient

        conditions = webhook.get("matchConditions")
        egress = self._config.options.section(EgressSelectorOptions)
        resolver = ServiceResolver(LoopbackClient(self._config.outermost))
        return Hook(
            uid,
            webhook.get("name", ""),
            configuration["metadata"]["name"],
            webhook,
            Selectors.of(webhook),
            MatchConditions(conditions, webhook.get("failurePolicy") or "Fail") if conditions else None,
            WebhookClient(self._target(webhook.get("clientConfig") or {}), resolver, egress.selector),
        )

    def _target(self, client_config: Object) -> WebhookTarget:
        from kubern.remote.webhook import WebhookTarget

        try:
            bundle = base64.b64decode(client_config.get("caBundle") or "")
        except binascii.Error:
            bundle = b""
        url, service = client_config.get("url"), client_config.get("service") or {}
        if url:
            parts = urlsplit(url)
            credentials = self._credentials.of(parts.hostname or "", parts.port or 443)
            return WebhookTarget(url=url, ca_bundle=bundle, credentials=credentials)
        name, namespace, port = service.get("name", ""), service.get("namespace", ""), service.get("port") or 443
        path = service.get("path") or ""
        return WebhookTarget(
            namespace=namespace,
            name=name,
            port=port,
            path=path if not path or path.startswith("/") else f"/{path}",
            ca_bundle=bundle,
            credentials=self._credentials.of(f"{name}.{namespace}.svc", port),
        )

    async def choose(
        self, position: int, hook: Hook, attributes: Attributes, authorization: Authorization
    ) -> Invocation | None:
        """The call to make of a webhook, None when the request is not for it. Raises StatusError 403, 404."""
        error: StatusError | None = None
        try:
            if not await self._selectors.matches(hook.selectors, attributes):
                return None
        except StatusError as failed:
            error = failed  # counts only if the rules mean the request
        match_policy = hook.document.get("matchPolicy") or ""
        resource = match_rules(hook.document.get("rules") or (), match_policy, attributes)
        if resource is None:
            return None
        if error is not None:
            raise error
        kind = kind_for(attributes, resource)
        if hook.conditions is not None:
            matched = await hook.conditions.match(VersionedAttributes(attributes, kind), authorization)
            if matched.error:
                group_resource = GroupResource(attributes.group, attributes.resource)
                raise forbidden(group_resource, attributes.name, matched.error)
            if not matched.matches:
                return None
        return Invocation(position, hook, resource, kind)
