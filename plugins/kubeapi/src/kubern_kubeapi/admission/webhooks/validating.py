"""The ValidatingAdmissionWebhook plugin: all webhooks at once (upstream: webhook/validating/dispatcher.go)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from kubern.admission.interface import CONNECT, CREATE, DELETE, UPDATE, Attributes, Handler
from kubern.apimachinery.errors import StatusError
from kubern_kubeapi.admission.dynamic.matching import is_configuration
from kubern_kubeapi.admission.dynamic.versions import Kind, VersionedAttributes
from kubern_kubeapi.admission.webhooks.source import Invocation, WebhookSource

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

logger = logging.getLogger(__name__)
NAME = "ValidatingAdmissionWebhook"
FAILED_OPEN_PREFIX = "failed-open.validating.webhook.admission.k8s.io/"


class ValidatingAdmissionWebhook(Handler):
    """Asks every webhook that the request is for."""

    operations = (CREATE, UPDATE, DELETE, CONNECT)

    def __init__(self, config: CompletedConfig) -> None:
        """Raises StartError."""
        self._config = config
        self._source = WebhookSource(config, "validatingwebhookconfigurations", NAME)

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError, that of the webhook which answers first among those that refuse."""
        hooks = await self._source.hooks()
        if not hooks or is_configuration(attributes):
            return
        from kubern_kubeapi.admission.dynamic.cel import Authorization

        authorization = Authorization(self._config.authorizer, attributes)
        chosen = [await self._source.choose(i, hook, attributes, authorization) for i, hook in enumerate(hooks)]
        invocations = [invocation for invocation in chosen if invocation is not None]
        if not invocations:
            return
        versioned: dict[Kind, VersionedAttributes] = {}
        for invocation in invocations:
            if invocation.kind not in versioned:
                versioned[invocation.kind] = VersionedAttributes(attributes, invocation.kind)
        errors: list[StatusError] = []
        await asyncio.gather(*(_ask(i, versioned[i.kind], errors) for i in invocations))
        if errors:
            raise errors[0]


async def _ask(invocation: Invocation, versioned: VersionedAttributes, errors: list[StatusError]) -> None:
    """Add to `errors` what the webhook says against the request."""
    from kubern_kubeapi.admission.webhooks.call import CallingWebhookError, call_webhook, rejection

    hook = invocation.hook
    try:
        answer = await call_webhook(invocation, versioned, mutating=False)
    except CallingWebhookError as error:
        if not hook.ignores_failures:
            errors.append(error.status_error())
            return
        logger.warning("Failed calling webhook, failing open %s: %s", hook.name, error)
        key = f"{FAILED_OPEN_PREFIX}round_0_index_{invocation.position}"
        versioned.attributes.add_annotation(key, hook.name)
    except StatusError as error:
        errors.append(error)
    else:
        if not answer.allowed:
            errors.append(rejection(hook.name, answer.status))
