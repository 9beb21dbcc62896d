"""The parameters that operations take. `shared` is the suffix under which OpenAPI v2 documents list a parameter once.

Upstream derives the suffix from the parameter's text; here it is a fact.
"""

from __future__ import annotations

import dataclasses
from typing import Final


@dataclasses.dataclass(frozen=True, slots=True)
class Parameter:
    """A path or query parameter."""

    name: str
    type: str = "string"
    place: str = "query"
    shared: str = ""
    description: str = ""

    @property
    def required(self) -> bool:
        return self.place == "path"


def _all(text: str, type_: str = "string") -> tuple[Parameter, ...]:
    """Parameters written as `name:suffix`, all of one type."""
    pairs = (entry.partition(":") for entry in text.split())
    return tuple(Parameter(name, type_, shared=shared) for name, _, shared in pairs)


NAMESPACE: Final = Parameter(
    "namespace",
    place="path",
    shared="vgWSWtn3",
    description="object name and auth scope, such as for teams and projects",
)
PRETTY: Final = Parameter("pretty", shared="tJGM1-ng")
PATH: Final = Parameter("path", place="path", shared="z6Ciiujn", description="path to the resource")

_LIST: Final = (
    *_all("continue:QfD61s0i fieldSelector:xIcQKXFG labelSelector:5Zw57w4C resourceVersion:5WAnf1kx"),
    *_all("resourceVersionMatch:t8XhRHeC shardSelector:Kgyki_3_"),
    *_all("limit:1NfNmdNH timeoutSeconds:yvYezaOC", "integer"),
    *_all("sendInitialEvents:rLXlEK_k", "boolean"),
)
LIST: Final = (*_LIST, *_all("allowWatchBookmarks:HC2hJt-J watch:XNNPZGbK", "boolean"))
DELETE: Final = (
    *_all("dryRun propagationPolicy:6jk3prlO"),
    *_all("gracePeriodSeconds:-K5HaBOS", "integer"),
    *_all("ignoreStoreReadErrorWithClusterBreakingPotential:QbNkfIqj orphanDependents:uRB25kX5", "boolean"),
)
DELETE_COLLECTION: Final = (*_LIST, *DELETE)
WRITE: Final = _all("dryRun fieldManager:Qy4HdaTW fieldValidation")
PATCH: Final = (*_all("dryRun fieldManager:7c6nTn1T fieldValidation"), *_all("force:tOGGb0Yi", "boolean"))

OPTIONS: Final[dict[str, tuple[Parameter, ...]]] = {
    "PodAttachOptions": (
        *_all("container:_Q-EJ3nR"),
        *_all("stderr:26jJhFUR stdin:sEFnN3IS stdout:005YMKE6 tty:g7MlET_l", "boolean"),
    ),
    "PodExecOptions": (
        *_all("command:Py3eQybp container:i5dOmRiM"),
        *_all("stderr:W_1TNlWc stdin:PSzNhyUC stdout:-EZLRwV1 tty:s0flW37O", "boolean"),
    ),
    "PodPortForwardOptions": _all("ports:91KROJmm", "integer"),
    "PodProxyOptions": _all("path:oPbzgLUj"),
    "ServiceProxyOptions": _all("path:QCf0eosM"),
    "NodeProxyOptions": _all("path:rFDtV0x9"),
}
"""What subresources that connect take, by the kind of their options."""
LOG: Final = (
    *_all("container:1GeXxFDC stream:l-48cgXv"),
    *_all("limitBytes:zwd1RXuc sinceSeconds:vE2NLdnP tailLines:9xQLWHMV", "integer"),
    *_all("follow:9OIXh_2R insecureSkipTLSVerifyBackend:gM00jVbe previous:1jxDPu3y timestamps:c17fW1w_", "boolean"),
)


def name_of(kind: str) -> Parameter:
    return Parameter("name", place="path", description=f"name of the {kind}")
