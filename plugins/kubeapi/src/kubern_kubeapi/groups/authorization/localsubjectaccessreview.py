"""The LocalSubjectAccessReview kind (authorization.k8s.io), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class LocalSubjectAccessReviewStrategy(Strategy):
    """Rules of LocalSubjectAccessReview objects."""


RESOURCE = ResourceDefinition(
    group="authorization.k8s.io",
    resource="localsubjectaccessreviews",
    kind="LocalSubjectAccessReview",
    versions=(VersionDefinition("v1", schema=schema("authorization.k8s.io", "v1", "LocalSubjectAccessReview")),),
    strategy=LocalSubjectAccessReviewStrategy(),
    singular="localsubjectaccessreview",
    verbs=("create",),
)
