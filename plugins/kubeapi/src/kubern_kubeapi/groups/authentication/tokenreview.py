"""The TokenReview kind (authentication.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class TokenReviewStrategy(Strategy):
    """Rules of TokenReview objects."""


RESOURCE = ResourceDefinition(
    group="authentication.k8s.io",
    resource="tokenreviews",
    kind="TokenReview",
    versions=(VersionDefinition("v1", schema=schema("authentication.k8s.io", "v1", "TokenReview")),),
    strategy=TokenReviewStrategy(),
    namespaced=False,
    singular="tokenreview",
    verbs=("create",),
)
