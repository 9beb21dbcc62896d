"""The Ingress kind (networking.k8s.io). Next: `ingress_validation.py`, `ingressclass.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    Column,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation import net
from kubern.registry.strategy import Strategy, bump_generation, keep_status
from kubern_kubeapi.groups.core.service import load_balancer_text
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.networking.ingress_validation import (
    CLASS_ANNOTATION,
    validate_ingress,
    validate_ingress_status,
    validate_ingress_update,
)

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_MAX_HOSTS = 3


class IngressStrategy(Strategy):
    """Rules of ingresses."""

    reset_fields = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["metadata"]["generation"] = 1
        obj["status"] = {"loadBalancer": {}}

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)
        bump_generation(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_ingress(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_ingress_update(obj, old)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        if CLASS_ANNOTATION not in (obj["metadata"].get("annotations") or ()):
            return []
        return [f"annotation \"{CLASS_ANNOTATION}\" is deprecated, please use 'spec.ingressClassName' instead"]


class IngressStatusStrategy(IngressStrategy):
    """Rules of the status subresource, where load balancers report."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec", {})

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_ingress_status(obj, old)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        at = Path("status", "loadBalancer", "ingress")
        ingresses = obj.get("status", {}).get("loadBalancer", {}).get("ingress") or ()
        return [
            warning
            for i, ingress in enumerate(ingresses)
            if ingress.get("ip")
            for warning in net.warnings_for_ip(at.index(i).child("ip"), ingress["ip"])
        ]


def _hosts(rules: list[Object]) -> str:
    """The first hosts of the rules, `*` for none (upstream: formatHosts)."""
    hosts: list[str] = []
    for i, rule in enumerate(rules):
        if len(hosts) == _MAX_HOSTS:
            return f"{','.join(hosts)} + {len(rules) - _MAX_HOSTS} more..." if i < len(rules) else ",".join(hosts)
        if rule.get("host"):
            hosts.append(rule["host"])
    return ",".join(hosts) or "*"


def _cells(obj: Object) -> list[Any]:
    spec = obj.get("spec", {})
    class_name = spec.get("ingressClassName")
    return [
        obj["metadata"]["name"],
        "<none>" if class_name is None else class_name,
        _hosts(spec.get("rules") or []),
        load_balancer_text(obj.get("status", {})),
        "80, 443" if spec.get("tls") else "80",
        age(obj),
    ]


_COLUMNS = (
    NAME_COLUMN,
    Column(
        "Class",
        description="The name of the IngressClass resource that should be used for additional configuration",
    ),
    Column("Hosts", description="Hosts that incoming requests are matched against before the ingress rule"),
    Column("Address", description="Address is a list containing ingress points for the load-balancer"),
    Column("Ports", description="Ports of TLS configurations that open"),
    AGE_COLUMN,
)

RESOURCE = ResourceDefinition(
    group="networking.k8s.io",
    resource="ingresses",
    kind="Ingress",
    versions=(
        VersionDefinition("v1", schema=schema("networking.k8s.io", "v1", "Ingress"), columns=_COLUMNS, cells=_cells),
    ),
    strategy=IngressStrategy(),
    singular="ingress",
    short_names=("ing",),
    subresources=(Subresource("status", strategy=IngressStatusStrategy()),),
    storage_prefix="ingress",
)
