"""The MutatingAdmissionWebhook plugin: webhooks one after the other (upstream: webhook/mutating/dispatcher.go).

Webhooks with reinvocationPolicy IfNeeded are asked again after others have changed the object.
"""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING, Any

from kubern.admission.interface import CONNECT, CREATE, DELETE, UPDATE, Attributes, Handler
from kubern.apimachinery.errors import StatusError, internal_error
from kubern.util import gojson
from kubern.util.goquote import go_quote
from kubern.util.json_copy import json_copy
from kubern_kubeapi.admission.dynamic.matching import is_configuration
from kubern_kubeapi.admission.dynamic.versions import VersionedAttributes
from kubern_kubeapi.admission.webhooks.source import Hook, Invocation, WebhookSource

if TYPE_CHECKING:
    from kubern.config import CompletedConfig
    from kubern_kubeapi.admission.webhooks.review import Answer

logger = logging.getLogger(__name__)
Object = dict[str, Any]
NAME = "MutatingAdmissionWebhook"
FAILED_OPEN_PREFIX = "failed-open.mutation.webhook.admission.k8s.io/"
PATCH_PREFIX = "patch.webhook.admission.k8s.io/"
MUTATION_PREFIX = "mutation.webhook.admission.k8s.io/"


@dataclasses.dataclass(slots=True)
class _Reinvocation:
    """Which webhooks may be asked again, which must be, and the object as this plugin left it."""

    invoked: set[str] = dataclasses.field(default_factory=set)
    due: set[str] = dataclasses.field(default_factory=set)
    last: Object | None = None

    def require(self) -> None:
        """The object has changed: ask those again that want it."""
        self.due |= self.invoked
        self.invoked = set()


class MutatingAdmissionWebhook(Handler):
    """Lets every webhook that the request is for change its object."""

    operations = (CREATE, UPDATE, DELETE, CONNECT)

    def __init__(self, config: CompletedConfig) -> None:
        """Raises StartError."""
        self._config = config
        self._source = WebhookSource(config, "mutatingwebhookconfigurations", NAME)

    async def admit(self, attributes: Attributes) -> None:
        """Raises StatusError when a webhook refuses, or fails and must not."""
        hooks = await self._source.hooks()
        if not hooks or is_configuration(attributes):
            return
        context = attributes.reinvocation
        state: _Reinvocation = context.values.setdefault(NAME, _Reinvocation())
        if context.is_reinvoke and state.last is not None and state.last != attributes.object:
            state.require()
        await self._call_all(hooks, attributes, state)
        # Kept only for comparison after the other plugins have run once more.
        state.last = json_copy(attributes.object) if context.should_reinvoke else None

    async def _call_all(self, hooks: list[Hook], attributes: Attributes, state: _Reinvocation) -> None:
        from kubern_kubeapi.admission.dynamic.cel import Authorization

        context = attributes.reinvocation
        authorization = Authorization(self._config.authorizer, attributes)
        for i, hook in enumerate(hooks):
            invocation = await self._source.choose(i, hook, attributes, authorization)
            if invocation is None or (context.is_reinvoke and hook.uid not in state.due):
                continue
            versioned = VersionedAttributes(attributes, invocation.kind)
            if await _call(invocation, versioned, 1 if context.is_reinvoke else 0):
                state.require()
                context.should_reinvoke = True
            if hook.document.get("reinvocationPolicy") == "IfNeeded":
                state.invoked.add(hook.uid)


async def _call(invocation: Invocation, versioned: VersionedAttributes, number: int) -> bool:
    """Whether the webhook changed the object. Raises StatusError."""
    from kubern_kubeapi.admission.webhooks.call import CallingWebhookError, call_webhook, rejection

    hook, attributes = invocation.hook, versioned.attributes
    place = f"round_{number}_index_{invocation.position}"
    changed = False
    try:
        answer = await call_webhook(invocation, versioned, mutating=True)
        if not answer.allowed:
            raise rejection(hook.name, answer.status)
        changed = _apply(invocation, answer, versioned, place)
    except CallingWebhookError as error:
        if not hook.ignores_failures:
            raise error.status_error() from error
        logger.warning("Failed calling webhook, failing open %s: %s", hook.name, error)
        attributes.add_annotation(FAILED_OPEN_PREFIX + place, hook.name)
    finally:
        note = {"configuration": hook.configuration, "webhook": hook.name, "mutated": changed}
        attributes.add_annotation(MUTATION_PREFIX + place, gojson.encode(note))
    return changed


def _apply(invocation: Invocation, answer: Answer, versioned: VersionedAttributes, place: str) -> bool:
    """Patch the object; whether that changed it. Raises StatusError 500, CallingWebhookError."""
    from kubern.apimachinery.patch.json_patch import apply_json_patch, parse_json_patch
    from kubern_kubeapi.admission.webhooks.call import CallingWebhookError
    from kubern_kubeapi.admission.webhooks.review import JSON_PATCH

    if not answer.patch:
        return False
    name = invocation.hook.name
    try:
        patch = parse_json_patch(answer.patch, strict=False)
    except StatusError as error:
        raise CallingWebhookError(name, f"received undecodable patch in webhook response: {error.message}") from error
    if not patch.operations:
        return False
    before = versioned.object
    if before is None:
        raise internal_error(
            f"admission webhook {go_quote(name)} attempted to modify the object, which is not supported for this "
            "operation"
        )
    if answer.patch_type != JSON_PATCH:
        raise CallingWebhookError(name, f"unsupported patch type {go_quote(answer.patch_type)}")
    try:
        after = apply_json_patch(before, patch)
    except StatusError as error:
        raise internal_error(str(error.__context__ or error.message)) from error
    versioned.replace_object(json_copy(after))
    versioned.attributes.add_request_annotation(PATCH_PREFIX + place, _patch_note(invocation.hook, patch.operations))
    return versioned.object != before


def _patch_note(hook: Hook, operations: list[Object | None]) -> str:
    patch = [operation and {key: operation[key] for key in sorted(operation)} for operation in operations]
    note = {"configuration": hook.configuration, "webhook": hook.name, "patch": patch, "patchType": "JSONPatch"}
    return gojson.encode(note)
