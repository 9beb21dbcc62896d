"""The SelfSubjectReview kind (authentication.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class SelfSubjectReviewStrategy(Strategy):
    """Rules of SelfSubjectReview objects."""


RESOURCE = ResourceDefinition(
    group="authentication.k8s.io",
    resource="selfsubjectreviews",
    kind="SelfSubjectReview",
    versions=(VersionDefinition("v1", schema=schema("authentication.k8s.io", "v1", "SelfSubjectReview")),),
    strategy=SelfSubjectReviewStrategy(),
    namespaced=False,
    singular="selfsubjectreview",
    verbs=("create",),
)
