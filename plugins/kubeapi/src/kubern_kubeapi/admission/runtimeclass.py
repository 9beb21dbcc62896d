"""The RuntimeClass plugin: pods take overhead and scheduling rules from their runtime class.

Upstream: plugin/pkg/admission/runtimeclass. Next: `tolerations.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import CREATE, Attributes, Handler
from kubern.util.goquote import go_quote
from kubern.util.json_copy import json_copy
from kubern_kubeapi.admission.lister import Lister
from kubern_kubeapi.admission.podresources import quantities
from kubern_kubeapi.admission.pods import PODS
from kubern_kubeapi.admission.tolerations import merge_tolerations

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
_MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"


class RuntimeClass(Handler):
    """Looks at new pods only."""

    operations = (CREATE,)
    resources = PODS

    def __init__(self, config: CompletedConfig) -> None:
        self._classes = Lister(config, "node.k8s.io", "runtimeclasses")

    async def admit(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        if attributes.subresource or attributes.object is None:
            return
        spec = attributes.object["spec"]
        runtime_class = await self._class_of(attributes, spec)
        if runtime_class is None:
            return
        fixed = _pod_fixed(runtime_class)
        if fixed is not None:
            if spec.get("overhead") is not None and quantities(spec["overhead"]) != quantities(fixed):
                raise new_forbidden(attributes, _MISMATCH)
            spec["overhead"] = dict(fixed)
        if runtime_class.get("scheduling"):
            _set_scheduling(attributes, spec, runtime_class["scheduling"])

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        if attributes.subresource or attributes.object is None:
            return
        spec = attributes.object["spec"]
        runtime_class = await self._class_of(attributes, spec)
        fixed = _pod_fixed(runtime_class) if runtime_class is not None else None
        if fixed is not None:
            if quantities(spec.get("overhead")) != quantities(fixed):
                raise new_forbidden(attributes, _MISMATCH)
        elif spec.get("overhead") is not None:
            text = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
            raise new_forbidden(attributes, text)

    async def _class_of(self, attributes: Attributes, spec: Object) -> Object | None:
        name = spec.get("runtimeClassName")
        if name is None:
            return None
        found = await self._classes.get("", name)
        if found is None:
            raise new_forbidden(attributes, f"pod rejected: RuntimeClass {go_quote(name)} not found")
        return found


def _pod_fixed(runtime_class: Object) -> dict[str, str] | None:
    overhead = runtime_class.get("overhead")
    return None if overhead is None else overhead.get("podFixed") or {}


def _set_scheduling(attributes: Attributes, spec: Object, scheduling: Object) -> None:
    selector = dict(spec.get("nodeSelector") or {})
    for key, value in (scheduling.get("nodeSelector") or {}).items():
        own = selector.setdefault(key, value)
        if own != value:
            text = f"runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = {own}"
            raise new_forbidden(attributes, f"conflict: {text}")
    if selector:
        spec["nodeSelector"] = selector
    tolerations = merge_tolerations(spec.get("tolerations") or [], json_copy(scheduling.get("tolerations") or []))
    if tolerations:
        spec["tolerations"] = tolerations
