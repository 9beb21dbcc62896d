"""The DefaultIngressClass plugin: ingresses without a class get the default one (upstream: network plugin)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kubern.admission.interface import CREATE, Attributes, Handler
from kubern_kubeapi.admission.defaultclass import default_name
from kubern_kubeapi.admission.lister import Derived, Lister
from kubern_kubeapi.admission.pods import annotations_of

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

DEFAULT_ANNOTATION = "ingressclass.kubernetes.io/is-default-class"
CLASS_ANNOTATION = "kubernetes.io/ingress.class"


class DefaultIngressClass(Handler):
    """Sets spec.ingressClassName of new ingresses."""

    operations = (CREATE,)
    resources = frozenset({("networking.k8s.io", "ingresses")})

    def __init__(self, config: CompletedConfig) -> None:
        classes = Lister(config, "networking.k8s.io", "ingressclasses")
        self._default = Derived(classes, partial(default_name, annotations=(DEFAULT_ANNOTATION,)))

    async def admit(self, attributes: Attributes) -> None:
        ingress = attributes.object
        if ingress is None or attributes.subresource:
            return
        spec = ingress.setdefault("spec", {})
        if spec.get("ingressClassName") is not None or CLASS_ANNOTATION in annotations_of(ingress):
            return
        name = await self._default.get()
        if name:
            spec["ingressClassName"] = name
