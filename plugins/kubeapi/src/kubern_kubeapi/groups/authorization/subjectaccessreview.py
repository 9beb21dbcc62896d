"""The SubjectAccessReview kind (authorization.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class SubjectAccessReviewStrategy(Strategy):
    """Rules of SubjectAccessReview objects."""


RESOURCE = ResourceDefinition(
    group="authorization.k8s.io",
    resource="subjectaccessreviews",
    kind="SubjectAccessReview",
    versions=(VersionDefinition("v1", schema=schema("authorization.k8s.io", "v1", "SubjectAccessReview")),),
    strategy=SubjectAccessReviewStrategy(),
    namespaced=False,
    singular="subjectaccessreview",
    verbs=("create",),
)
