"""The SelfSubjectRulesReview kind (authorization.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class SelfSubjectRulesReviewStrategy(Strategy):
    """Rules of SelfSubjectRulesReview objects."""


RESOURCE = ResourceDefinition(
    group="authorization.k8s.io",
    resource="selfsubjectrulesreviews",
    kind="SelfSubjectRulesReview",
    versions=(VersionDefinition("v1", schema=schema("authorization.k8s.io", "v1", "SelfSubjectRulesReview")),),
    strategy=SelfSubjectRulesReviewStrategy(),
    namespaced=False,
    singular="selfsubjectrulesreview",
    verbs=("create",),
)
