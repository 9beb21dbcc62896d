"""The DefaultStorageClass plugin: claims without a class get the default one (upstream: storage/setdefault)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kubern.admission.interface import CREATE, Attributes, Handler
from kubern_kubeapi.admission.defaultclass import default_name
from kubern_kubeapi.admission.lister import Derived, Lister
from kubern_kubeapi.admission.pods import annotations_of

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

DEFAULT_ANNOTATIONS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)
CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"


class DefaultStorageClass(Handler):
    """Sets spec.storageClassName of new claims."""

    operations = (CREATE,)
    resources = frozenset({("", "persistentvolumeclaims")})

    def __init__(self, config: CompletedConfig) -> None:
        classes = Lister(config, "storage.k8s.io", "storageclasses")
        self._default = Derived(classes, partial(default_name, annotations=DEFAULT_ANNOTATIONS))

    async def admit(self, attributes: Attributes) -> None:
        claim = attributes.object
        if claim is None or attributes.subresource:
            return
        if claim["spec"].get("storageClassName") is not None or CLASS_ANNOTATION in annotations_of(claim):
            return
        name = await self._default.get()
        if name:
            claim["spec"]["storageClassName"] = name
