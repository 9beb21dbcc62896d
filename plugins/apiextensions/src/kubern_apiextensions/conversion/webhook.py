"""The strategy Webhook: ConversionReview asked of a webhook (upstream: webhook_converter.go).

A webhook converts everything but metadata, of which it may change labels and annotations. Next:
`kubern/remote/webhook.py`, which does the asking.
"""

from __future__ import annotations

import base64
import uuid
from typing import Any, Final

import orjson

from kubern.apimachinery.field import Path, aggregate_message
from kubern.apimachinery.validation.labels import validate_labels
from kubern.apimachinery.validation.objectmeta import validate_annotations
from kubern.registry.errors import plain_error
from kubern.remote.egress import EgressSelector
from kubern.remote.webhook import ResolveService, WebhookClient, WebhookError, WebhookTarget
from kubern.util.goquote import go_quote

Object = dict[str, Any]

GROUP: Final = "apiextensions.k8s.io"
KIND: Final = "ConversionReview"
TIMEOUT: Final = 30.0
_REVIEW_VERSIONS: Final = ("v1", "v1beta1")
_GO_TYPES: Final = {
    str: "string", bool: "bool", int: "int64", float: "float64", list: "[]interface {}", dict: "map[string]interface {}",
    type(None): "<nil>",
}  # fmt: skip


class _Refused(ValueError):
    """An answer that cannot be taken; the text says why."""


def webhook_target(client_config: Object) -> WebhookTarget:
    """Where spec.conversion.webhook.clientConfig points to."""
    bundle = base64.b64decode(client_config.get("caBundle") or "")
    if client_config.get("url"):
        return WebhookTarget(url=client_config["url"], ca_bundle=bundle)
    service = client_config.get("service") or {}
    path = service.get("path") or ""
    return WebhookTarget(
        namespace=service.get("namespace", ""),
        name=service.get("name", ""),
        port=service.get("port") or 443,
        path=path if not path or path.startswith("/") else "/" + path,
        ca_bundle=bundle,
    )


class WebhookConverter:
    """Converts objects of one definition."""

    is_remote = True

    def __init__(self, webhook: Object, resolve_service: ResolveService, egress: EgressSelector | None = None) -> None:
        self._client = WebhookClient(webhook_target(webhook.get("clientConfig") or {}), resolve_service, egress)
        versions = webhook.get("conversionReviewVersions") or ()
        self._review_version = next((v for v in versions if v in _REVIEW_VERSIONS), "")

    def close(self) -> None:
        self._client.close()

    async def convert(self, objects: list[Object], api_version: str) -> list[Object]:
        """Objects that already have the version are not sent. Raises StatusError 500."""
        # Differs from kube-apiserver: the objects of a list are sent in one review, not in one for each; what is
        # refused is told as if each had been sent alone.
        wanted = [obj for obj in objects if obj.get("apiVersion") != api_version]
        if not wanted:
            return objects
        kind = _kind_text(wanted[0])
        if not self._review_version:
            raise plain_error("no supported conversion review versions")
        uid = str(uuid.uuid4())
        review = {
            "kind": KIND,
            "apiVersion": f"{GROUP}/{self._review_version}",
            "request": {"uid": uid, "desiredAPIVersion": api_version, "objects": wanted},
        }
        try:
            answer = await self._client.post(review, TIMEOUT)
            converted = self._converted(answer, uid)
        except (WebhookError, _Refused) as error:
            raise plain_error(f"conversion webhook for {kind} failed: {error}") from error
        if len(converted) != len(wanted):
            raise plain_error(
                f"conversion webhook for {kind} returned {len(converted)} objects, expected {len(wanted)}"
            )
        replaced = iter([_accepted(kind, *pair, api_version) for pair in zip(wanted, converted, strict=True)])
        return [obj if obj.get("apiVersion") == api_version else next(replaced) for obj in objects]

    def _converted(self, answer: Any, uid: str) -> list[Any]:
        """The objects of an answer. Raises _Refused."""
        expected = f"{GROUP}/{self._review_version}"
        if not isinstance(answer, dict):
            raise _Refused("couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value")
        if answer.get("kind") != KIND or answer.get("apiVersion") != expected:
            got = f"{answer.get('apiVersion', '')}, Kind={answer.get('kind', '')}"
            raise _Refused(f"expected webhook response of {expected}, Kind={KIND}, got {got}")
        response = answer.get("response")
        if not isinstance(response, dict):
            raise _Refused("no response provided")
        if self._review_version == "v1" and response.get("uid") != uid:
            raise _Refused(f"expected response.uid={go_quote(uid)}, got {go_quote(str(response.get('uid', '')))}")
        result = response.get("result") or {}
        if result.get("status") != "Success":
            raise _Refused(
                result.get("message") or f"response.result.status was '{result.get('status', '')}', not 'Success'"
            )
        return response.get("convertedObjects") or []


def _accepted(kind: str, original: Object, converted: Any, api_version: str) -> Object:
    """A converted object with the original's metadata. Raises StatusError 500."""
    returned = f"conversion webhook for {kind} returned invalid "
    if not isinstance(converted, dict) or not converted.get("kind"):
        raise plain_error(f"Object 'Kind' is missing in '{orjson.dumps(converted).decode()}'")
    if converted.get("apiVersion") != api_version:
        got = converted.get("apiVersion", "")
        raise plain_error(f"{returned}object at index 0: invalid groupVersion (expected {api_version}, received {got})")
    if converted["kind"] != original.get("kind"):
        wanted, got = original.get("kind"), converted["kind"]
        raise plain_error(f"{returned}object at index 0: invalid kind (expected {wanted}, received {got})")
    try:
        check_identity(original, converted)
    except _Refused as error:
        raise plain_error(f"{returned}object: {error}") from error
    try:
        restore_metadata(original, converted)
    except _Refused as error:
        raise plain_error(f"{returned}metadata: {error}") from error
    return converted


def _kind_text(obj: Object) -> str:
    return f"{obj.get('apiVersion', '')}, Kind={obj.get('kind', '')}"


def check_identity(original: Object, converted: Object) -> None:
    """Name, namespace and uid are not the webhook's to change. Raises _Refused."""
    before, after = original.get("metadata") or {}, converted.get("metadata")
    after = after if isinstance(after, dict) else {}
    for name, shown in (("name", "name"), ("namespace", "namespace"), ("uid", "UID")):
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            raise _Refused(f"must have the same {shown}: {old} != {new}")


def restore_metadata(original: Object, converted: Object) -> None:
    """All of metadata but labels and annotations is the original's. Raises _Refused."""
    if "metadata" not in converted:
        raise _Refused("missing metadata in converted object")
    given = converted["metadata"]
    if not isinstance(given, dict):
        raise _Refused(f"invalid metadata of type {_go_type(given)} in converted object")
    meta = dict(original.get("metadata") or {})
    for name in ("labels", "annotations"):
        value = given.get(name)
        if value is None:
            meta.pop(name, None)
            continue
        if not isinstance(value, dict):
            raise _Refused(f"invalid metadata.{name} of type {_go_type(value)} in converted object")
        for key, text in value.items():
            if not isinstance(text, str):
                found = _go_type(text)
                raise _Refused(f"metadata.{name}[{key}] must be a string, but is {found} in converted object")
        if value != meta.get(name):
            check = validate_labels if name == "labels" else validate_annotations
            errors = check(value, Path("metadata", name if name == "labels" else "annotation"))
            if errors:
                raise _Refused(aggregate_message(errors))
        meta[name] = value
    converted["metadata"] = meta


def _go_type(value: Any) -> str:
    return _GO_TYPES.get(value.__class__, "unknown")
