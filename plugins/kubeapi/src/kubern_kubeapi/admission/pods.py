"""Walks over pods that several plugins need (upstream: api/pod/util.go). Next: any plugin, e.g. `serviceaccount.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]
PODS = frozenset({("", "pods")})
MIRROR_ANNOTATION = "kubernetes.io/config.mirror"
CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")
_VOLUME_SECRETS = {
    "azureFile": "secretName", "cephfs": "secretRef", "flexVolume": "secretRef", "rbd": "secretRef",
    "secret": "secretName", "scaleIO": "secretRef", "iscsi": "secretRef", "storageos": "secretRef",
    "csi": "nodePublishSecretRef",
}  # fmt: skip
"""Where sources of volumes name a secret: the field has its name, or a reference with a name."""


def containers(pod: Object, lists: tuple[str, ...] = CONTAINER_LISTS) -> Iterator[Object]:
    """Init containers, containers and ephemeral containers, in this order."""
    spec = pod.get("spec") or {}
    for name in lists:
        yield from spec.get(name) or ()


def volumes(pod: Object) -> list[Object]:
    return (pod.get("spec") or {}).get("volumes") or []


def annotations_of(obj: Object) -> dict[str, str]:
    return obj["metadata"].get("annotations") or {}


def is_mirror_pod(pod: Object) -> bool:
    """The kubelet's picture of a static pod."""
    return MIRROR_ANNOTATION in annotations_of(pod)


def env_references(container: Object, field: str) -> Iterator[tuple[str, str]]:
    """(variable, name) of each env entry that takes its value from `field` (secretKeyRef, configMapKeyRef)."""
    for env in container.get("env") or ():
        reference = (env.get("valueFrom") or {}).get(field)
        if reference is not None:
            yield env.get("name", ""), reference.get("name", "")


def secret_names(pod: Object) -> Iterator[str]:
    """Every secret a pod refers to (upstream: VisitPodSecretNames)."""
    for reference in (pod.get("spec") or {}).get("imagePullSecrets") or ():
        yield reference.get("name", "")
    for container in containers(pod):
        for source in container.get("envFrom") or ():
            if source.get("secretRef") is not None:
                yield source["secretRef"].get("name", "")
        for _, name in env_references(container, "secretKeyRef"):
            yield name
    for volume in volumes(pod):
        yield from _volume_secrets(volume)


def _volume_secrets(volume: Object) -> Iterator[str]:
    for source, field in _VOLUME_SECRETS.items():
        found = (volume.get(source) or {}).get(field)
        if isinstance(found, dict):
            found = found.get("name")
        if found:
            yield found
    for source in (volume.get("projected") or {}).get("sources") or ():
        if source.get("secret") is not None and source["secret"].get("name"):
            yield source["secret"]["name"]


def config_map_names(pod: Object) -> Iterator[str]:
    """Every config map a pod refers to (upstream: VisitPodConfigmapNames)."""
    for container in containers(pod):
        for source in container.get("envFrom") or ():
            if source.get("configMapRef") is not None:
                yield source["configMapRef"].get("name", "")
        for _, name in env_references(container, "configMapKeyRef"):
            yield name
    for volume in volumes(pod):
        if volume.get("configMap") is not None:
            yield volume["configMap"].get("name", "")
        for source in (volume.get("projected") or {}).get("sources") or ():
            if source.get("configMap") is not None:
                yield source["configMap"].get("name", "")
