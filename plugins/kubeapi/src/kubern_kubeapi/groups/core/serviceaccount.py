"""The ServiceAccount kind (core). Next: the token subresource comes with authentication."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import names
from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.printing import name_and_age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.registry.store import ResourceStore
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

Object = dict[str, Any]

DEFAULT_TOKEN_SECONDS = 3600
ENFORCE_MOUNTABLE_SECRETS = "kubernetes.io/enforce-mountable-secrets"


def keep_secret_names_only(obj: Object) -> None:
    """References to secrets are names; whatever else they say goes (upstream: cleanSecretReferences)."""
    if obj.get("secrets"):
        obj["secrets"] = [{"name": s["name"]} if s.get("name") else {} for s in obj["secrets"]]


class ServiceAccountStrategy(Strategy):
    """Rules of service accounts."""

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        keep_secret_names_only(obj)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_secret_names_only(obj)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_object_meta_update(obj["metadata"], old["metadata"]) + self.validate(ctx, obj)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return _warnings(obj, {})

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return _warnings(obj, old["metadata"].get("annotations") or {})


def _warnings(obj: Object, old_annotations: dict[str, str]) -> list[str]:
    annotations = obj["metadata"].get("annotations") or {}
    if ENFORCE_MOUNTABLE_SECRETS not in annotations or ENFORCE_MOUNTABLE_SECRETS in old_annotations:
        return []
    return [
        f"metadata.annotations[{ENFORCE_MOUNTABLE_SECRETS}]: deprecated in v1.32+; prefer separate namespaces to "
        "isolate access to mounted secrets"
    ]


def _token_requests(store: ResourceStore, server: GenericAPIServer) -> object:
    from kubern_kubeapi.serviceaccounts.token_request import TokenRequests

    return TokenRequests(store, server)


def default_token_request(obj: Object) -> None:
    """Tokens live for an hour unless told otherwise."""
    spec = obj.setdefault("spec", {})
    if spec.get("expirationSeconds") is None:
        spec["expirationSeconds"] = DEFAULT_TOKEN_SECONDS


RESOURCE = ResourceDefinition(
    group="",
    resource="serviceaccounts",
    kind="ServiceAccount",
    versions=(
        VersionDefinition(
            "v1", schema=schema("", "v1", "ServiceAccount"), columns=(NAME_COLUMN, AGE_COLUMN), cells=name_and_age
        ),
    ),
    strategy=ServiceAccountStrategy(),
    return_deleted_object=True,
    singular="serviceaccount",
    short_names=("sa",),
    subresources=(
        Subresource(
            "token",
            verbs=("create",),
            factory=_token_requests,
            kind="TokenRequest",
            group="authentication.k8s.io",
            version="v1",
            default=default_token_request,
        ),
    ),
)
