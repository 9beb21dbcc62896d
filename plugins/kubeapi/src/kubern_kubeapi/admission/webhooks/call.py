"""One call of a webhook (upstream: callHook of the dispatchers, webhook/errors)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import StatusError, bad_request, internal_error
from kubern.remote.webhook import WebhookError
from kubern.util.goquote import go_quote
from kubern_kubeapi.admission.webhooks.review import Answer, ReviewError, new_review, read_review

if TYPE_CHECKING:
    from kubern_kubeapi.admission.dynamic.versions import VersionedAttributes
    from kubern_kubeapi.admission.webhooks.source import Invocation

Object = dict[str, Any]
DEFAULT_TIMEOUT = 10.0
_WITHOUT_SIDE_EFFECTS = ("None", "NoneOnDryRun")


class CallingWebhookError(Exception):
    """The webhook could not be asked or gave no usable answer: its failurePolicy decides."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"failed calling webhook {go_quote(name)}: {reason}")

    def status_error(self) -> StatusError:
        """The refusal that this means unless failures are ignored."""
        return internal_error(self)


async def call_webhook(invocation: Invocation, versioned: VersionedAttributes, *, mutating: bool) -> Answer:
    """What the webhook says. Raises CallingWebhookError; StatusError 400 for a dry run that it does not support."""
    hook, attributes = invocation.hook, versioned.attributes
    if attributes.dry_run:
        side_effects = hook.document.get("sideEffects")
        if side_effects is None:
            raise CallingWebhookError(hook.name, "Webhook SideEffects is nil")
        if side_effects not in _WITHOUT_SIDE_EFFECTS:
            raise bad_request(f"admission webhook {go_quote(hook.name)} does not support dry run")
    try:
        versions = hook.document.get("admissionReviewVersions") or []
        uid, review = new_review(versions, versioned, invocation.resource)
    except ReviewError as error:
        raise CallingWebhookError(hook.name, f"could not create admission objects: {error}") from error
    timeout = float(hook.document.get("timeoutSeconds") or DEFAULT_TIMEOUT)
    try:
        found = await hook.client.post(review, timeout)
    except WebhookError as error:
        raise CallingWebhookError(hook.name, f"failed to call webhook: {error}") from error
    try:
        answer = read_review(found, review["apiVersion"], uid, mutating=mutating)
    except ReviewError as error:
        raise CallingWebhookError(hook.name, f"received invalid webhook response: {error}") from error
    for key, value in answer.audit_annotations.items():
        attributes.add_annotation(f"{hook.name}/{key}", value)
    for warning in answer.warnings:
        attributes.add_warning(warning)
    return answer


def rejection(name: str, status: Object | None) -> StatusError:
    """The refusal of a webhook with its own status, never a success (upstream: ToStatusErr)."""
    status = status or {}
    denied_by = f"admission webhook {go_quote(name)} denied the request"
    code = status.get("code") or 0
    message, reason = status.get("message", ""), status.get("reason", "")
    if message or reason:
        text = f"{denied_by}: {message or reason}"
    else:
        text = f"{denied_by} without explanation"
    return StatusError(code if code >= 400 else 400, reason, text, status.get("details"))
