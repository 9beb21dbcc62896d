"""The LocalSubjectAccessReview kind (authorization.k8s.io), namespaced. Next: `../../authorization/reviews.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer


def _storage(server: GenericAPIServer) -> object:
    from kubern_kubeapi.authorization.reviews import LocalSubjectAccessReviews

    return LocalSubjectAccessReviews(server)


RESOURCE = ResourceDefinition(
    group="authorization.k8s.io",
    resource="localsubjectaccessreviews",
    kind="LocalSubjectAccessReview",
    versions=(VersionDefinition("v1", schema=schema("authorization.k8s.io", "v1", "LocalSubjectAccessReview")),),
    strategy=Strategy(),
    singular="localsubjectaccessreview",
    verbs=("create",),
    factory=_storage,
)
