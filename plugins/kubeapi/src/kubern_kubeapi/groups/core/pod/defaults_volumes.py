"""Defaults of pod volumes, set in place (upstream: core/v1/defaults.go). Next: `defaults.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubern_kubeapi.groups.core.pod.image import default_pull_policy
from kubern_kubeapi.groups.core.resource_lists import round_up_to_milli

Object = dict[str, Any]
_FILE_MODE = 0o644


def default_volumes(volumes: list[Object] | None) -> None:
    for volume in volumes or ():
        default_volume(volume)


def default_volume(volume: Object) -> None:
    """A volume without a source is an emptyDir; sources get what they leave out."""
    if not any(value is not None for name, value in volume.items() if name != "name"):
        volume["emptyDir"] = {}
    for name, source in volume.items():
        setter = _SOURCES.get(name)
        if setter is not None and source is not None:
            setter(source)


def _fill(**values: Any) -> Callable[[Object], None]:
    """Sets fields that are missing or empty."""

    def fill(source: Object) -> None:
        for name, value in values.items():
            if source.get(name) in (None, ""):
                source[name] = value

    return fill


def default_downward_items(source: Object) -> None:
    for item in source.get("items") or ():
        if item.get("fieldRef") is not None:
            item["fieldRef"]["apiVersion"] = item["fieldRef"].get("apiVersion") or "v1"


def _default_mode(source: Object) -> None:
    if source.get("defaultMode") is None:
        source["defaultMode"] = _FILE_MODE


def _default_downward(source: Object) -> None:
    _default_mode(source)
    default_downward_items(source)


def _default_projected(source: Object) -> None:
    _default_mode(source)
    for projection in source.get("sources") or ():
        default_downward_items(projection.get("downwardAPI") or {})
        token = projection.get("serviceAccountToken")
        if token is not None and token.get("expirationSeconds") is None:
            token["expirationSeconds"] = 3600
        certificate = projection.get("podCertificate")
        if certificate is not None and certificate.get("maxExpirationSeconds") is None:
            certificate["maxExpirationSeconds"] = 86400


def default_claim_spec(spec: Object) -> None:
    """The spec of a PersistentVolumeClaim."""
    if spec.get("volumeMode") is None:
        spec["volumeMode"] = "Filesystem"
    resources = spec.get("resources") or {}
    round_up_to_milli(resources.get("limits"))
    round_up_to_milli(resources.get("requests"))


def _default_ephemeral(source: Object) -> None:
    template = source.get("volumeClaimTemplate")
    if template is not None:
        default_claim_spec(template.setdefault("spec", {}))


def _default_image(source: Object) -> None:
    if not source.get("pullPolicy"):
        source["pullPolicy"] = default_pull_policy(source.get("reference") or "")


def _default_host_path(source: Object) -> None:
    if source.get("type") is None:
        source["type"] = ""


default_iscsi = _fill(iscsiInterface="default")
default_rbd = _fill(pool="rbd", user="admin", keyring="/etc/ceph/keyring")
default_scale_io = _fill(storageMode="ThinProvisioned", fsType="xfs")


def default_azure_disk(source: Object) -> None:
    for name, value in (("cachingMode", "ReadWrite"), ("kind", "Shared"), ("fsType", "ext4"), ("readOnly", False)):
        if source.get(name) is None:
            source[name] = value


_SOURCES: dict[str, Callable[[Object], None]] = {
    "hostPath": _default_host_path,
    "secret": _default_mode,
    "configMap": _default_mode,
    "downwardAPI": _default_downward,
    "projected": _default_projected,
    "ephemeral": _default_ephemeral,
    "image": _default_image,
    "iscsi": default_iscsi,
    "rbd": default_rbd,
    "scaleIO": default_scale_io,
    "azureDisk": default_azure_disk,
}
