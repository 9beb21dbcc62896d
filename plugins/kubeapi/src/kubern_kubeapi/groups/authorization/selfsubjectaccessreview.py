"""The SelfSubjectAccessReview kind (authorization.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class SelfSubjectAccessReviewStrategy(Strategy):
    """Rules of SelfSubjectAccessReview objects."""


RESOURCE = ResourceDefinition(
    group="authorization.k8s.io",
    resource="selfsubjectaccessreviews",
    kind="SelfSubjectAccessReview",
    versions=(VersionDefinition("v1", schema=schema("authorization.k8s.io", "v1", "SelfSubjectAccessReview")),),
    strategy=SelfSubjectAccessReviewStrategy(),
    namespaced=False,
    singular="selfsubjectaccessreview",
    verbs=("create",),
)
