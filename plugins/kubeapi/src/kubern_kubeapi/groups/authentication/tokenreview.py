"""The TokenReview kind (authentication.k8s.io), cluster-scoped. Next: `../../authentication/reviews.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer


def _storage(server: GenericAPIServer) -> object:
    from kubern_kubeapi.authentication.reviews import TokenReviews

    return TokenReviews(server)


RESOURCE = ResourceDefinition(
    group="authentication.k8s.io",
    resource="tokenreviews",
    kind="TokenReview",
    versions=(VersionDefinition("v1", schema=schema("authentication.k8s.io", "v1", "TokenReview")),),
    strategy=Strategy(),
    namespaced=False,
    singular="tokenreview",
    verbs=("create",),
    factory=_storage,
)
