"""The SelfSubjectRulesReview kind (authorization.k8s.io), cluster-scoped. Next: `../../authorization/reviews.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer


def _storage(server: GenericAPIServer) -> object:
    from kubern_kubeapi.authorization.reviews import SelfSubjectRulesReviews

    return SelfSubjectRulesReviews(server)


RESOURCE = ResourceDefinition(
    group="authorization.k8s.io",
    resource="selfsubjectrulesreviews",
    kind="SelfSubjectRulesReview",
    versions=(VersionDefinition("v1", schema=schema("authorization.k8s.io", "v1", "SelfSubjectRulesReview")),),
    strategy=Strategy(),
    namespaced=False,
    singular="selfsubjectrulesreview",
    verbs=("create",),
    factory=_storage,
)
