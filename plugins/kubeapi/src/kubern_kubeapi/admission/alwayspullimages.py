"""The AlwaysPullImages plugin: images are pulled with the pod's credentials each time (upstream: alwayspullimages)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import UPDATE, Attributes, Handler
from kubern.apimachinery import field
from kubern.apimachinery.field import Path
from kubern.registry.errors import plain_error
from kubern_kubeapi.admission.aggregate import aggregate
from kubern_kubeapi.admission.pods import CONTAINER_LISTS, PODS, containers, volumes

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
ALWAYS = "Always"


class AlwaysPullImages(Handler):
    """Sets the pull policy of every container and image volume."""

    resources = PODS

    def __init__(self, config: CompletedConfig) -> None:
        pass

    async def admit(self, attributes: Attributes) -> None:
        pod = attributes.object
        if pod is None or attributes.subresource or _has_no_new_images(attributes):
            return
        for container in containers(pod):
            container["imagePullPolicy"] = ALWAYS
        for volume in volumes(pod):
            if volume.get("image") is not None:
                volume["image"]["pullPolicy"] = ALWAYS

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 500 with all faults, as upstream's aggregate of them ends."""
        pod = attributes.object
        if pod is None or attributes.subresource or _has_no_new_images(attributes):
            return
        faults: list[field.FieldError] = []
        for name in CONTAINER_LISTS:
            for i, container in enumerate(containers(pod, (name,))):
                policy = container.get("imagePullPolicy", "")
                if policy != ALWAYS:
                    path = Path("spec", name).index(i).child("imagePullPolicy")
                    faults.append(field.not_supported(path, policy, [ALWAYS]))
        for i, volume in enumerate(volumes(pod)):
            if volume.get("image") is not None and volume["image"].get("pullPolicy") != ALWAYS:
                path = Path("spec", "volumes").index(i).child("image", "pullPolicy")
                faults.append(field.not_supported(path, volume["image"].get("pullPolicy", ""), [ALWAYS]))
        if faults:
            raise plain_error(aggregate(new_forbidden(attributes, str(fault)).message for fault in faults))


def _has_no_new_images(attributes: Attributes) -> bool:
    if attributes.operation != UPDATE or attributes.old_object is None or attributes.object is None:
        return False
    old = {c.get("image", "") for c in containers(attributes.old_object)}
    return all(c.get("image", "") in old for c in containers(attributes.object))
