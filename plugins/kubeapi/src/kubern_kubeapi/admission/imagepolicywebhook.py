"""The ImagePolicyWebhook plugin: another server says which images may run (upstream: plugin/pkg/admission/imagepolicy).

It is told in --admission-control-config-file how to reach that server, how long answers hold, and what holds when there
is none. Next: `kubern/remote/client.py`.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from kubern.admission.configuration import configuration_directory, plugin_configuration
from kubern.admission.errors import new_forbidden
from kubern.admission.interface import UPDATE, Attributes, Handler
from kubern.lifecycle import StartError
from kubern.remote.client import RemoteClient, RemoteError
from kubern.remote.kubeconfig import KubeconfigError, load_kubeconfig
from kubern_kubeapi.admission.pods import PODS, annotations_of, containers

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

logger = logging.getLogger(__name__)
Object = dict[str, Any]
NAME = "ImagePolicyWebhook"
API_VERSION = "imagepolicy.k8s.io/v1alpha1"
_AUDIT_PREFIX = "imagepolicywebhook.image-policy.k8s.io/"
_DOMAIN = "image-policy.k8s.io"
_TRIES = 5
_MAX_ANSWERS = 1024
_SECONDS = {"allowTTL": (300, 1, 1800), "denyTTL": (30, 1, 1800)}
"""Default, least and most."""


class ImagePolicyWebhook(Handler):
    """Sends the images of new pods, and of pods that get other images, for review."""

    resources = PODS

    def __init__(self, config: CompletedConfig) -> None:
        """Raises StartError."""
        document = plugin_configuration(config, NAME) or {}
        settings = document.get("imagePolicy") or document
        file = settings.get("kubeConfigFile")
        if not file:
            raise StartError(f"{NAME}: --admission-control-config-file must give it a kubeConfigFile")
        path: Path = configuration_directory(config) / file
        backoff = (settings.get("retryBackoff") or 500) / 1000
        try:
            self._client = RemoteClient(load_kubeconfig(str(path)), tries=_TRIES, first_backoff=backoff)
        except (OSError, KubeconfigError) as error:
            raise StartError(f"{NAME}: kubeConfigFile {path}: {error}") from error
        config.on_close(self._client.close)
        self._default_allow = bool(settings.get("defaultAllow"))
        self._seconds = {True: _ttl(settings, "allowTTL"), False: _ttl(settings, "denyTTL")}
        self._answers: dict[bytes, tuple[float, Object]] = {}

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        pod = attributes.object
        if pod is None or attributes.subresource not in ("", "ephemeralcontainers"):
            return
        if attributes.operation == UPDATE and not _has_new_images(pod, attributes.old_object or {}):
            return
        spec = {
            "containers": [{"image": c.get("image", "")} for c in containers(pod)],
            "annotations": {k: v for k, v in annotations_of(pod).items() if _DOMAIN in k.split("/", 1)[0]},
            "namespace": attributes.namespace,
        }
        status = await self._review(attributes, spec)
        for key, value in (status.get("auditAnnotations") or {}).items():
            attributes.add_annotation(f"{_AUDIT_PREFIX}{key}", value)
        if status.get("allowed"):
            return
        if status.get("reason"):
            text = f"image policy webhook backend denied one or more images: {status['reason']}"
            raise new_forbidden(attributes, text)
        raise new_forbidden(attributes, "one or more images rejected by webhook backend")

    async def _review(self, attributes: Attributes, spec: Object) -> Object:
        """The status of a review, from an earlier one while that holds. Raises StatusError 403."""
        key, now = orjson.dumps(spec, option=orjson.OPT_SORT_KEYS), time.monotonic()
        known = self._answers.get(key)
        if known is not None and known[0] > now:
            return known[1]
        try:
            review = await self._client.post({"kind": "ImageReview", "apiVersion": API_VERSION, "spec": spec})
        except RemoteError as error:
            return self._failed(attributes, error)
        status: Object = review.get("status") or {}
        if len(self._answers) >= _MAX_ANSWERS:
            self._answers.pop(next(iter(self._answers)))
        self._answers[key] = (now + self._seconds[bool(status.get("allowed"))], status)
        return status

    def _failed(self, attributes: Attributes, error: RemoteError) -> Object:
        if not self._default_allow:
            raise new_forbidden(attributes, str(error))
        logger.warning("Image policy webhook failed, allowing: %s", error)
        attributes.add_annotation(f"{_AUDIT_PREFIX}failed-open", "true")
        return {"allowed": True}


def _has_new_images(pod: Object, old: Object) -> bool:
    before = {c.get("image", "") for c in containers(old)}
    return any(c.get("image", "") not in before for c in containers(pod))


def _ttl(settings: Object, name: str) -> float:
    default, least, most = _SECONDS[name]
    value = settings.get(name) or default
    if value < 0:
        return 0.0
    if not least <= value <= most:
        raise StartError(f"{NAME}: {name} must be between {least} and {most} seconds, is {value}")
    return float(value)
