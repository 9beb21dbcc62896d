"""The resource names of an encryption configuration: `secrets`, `deployments.apps`, `*.`, `*.apps`, `*.*`.

Next: `config.py`. Upstream: apis/apiserver/validation/validation_encryption.go.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from kubern.apimachinery.field import ErrorList, Path, invalid

GroupResource = tuple[str, str]

_STAR = "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources"
_OVERLAP = (
    "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be "
    "masked"
)
_EVENTS = (
    "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file"
)
_WITHOUT_API = ("apiserveripinfo", "serviceipallocations", "servicenodeportallocations")


def parse_group_resource(name: str) -> GroupResource:
    """`deployments.apps` as ("apps", "deployments"); "*" stands for any."""
    resource, _, group = name.partition(".")
    return group, resource


def selected_by(group: str, resource: str) -> tuple[GroupResource, ...]:
    """The rules that cover a resource, the closest first."""
    return (group, resource), (group, "*"), ("*", "*")


def masking_rule(name: str, earlier: Container[GroupResource]) -> str:
    """The earlier wildcard rule that already covers `name`, "" when there is none."""
    group, _ = parse_group_resource(name)
    if (group, "*") in earlier:
        return f"*.{group}"
    return "*.*" if ("*", "*") in earlier else ""


def check_resources(names: Sequence[str], path: Path) -> ErrorList:
    """Problems of one rule's names: with each other, then each for itself."""
    return _check_overlap(names, path) + [
        error for n, name in enumerate(names) for error in _check(name, path.index(n))
    ]


def _check_overlap(names: Sequence[str], path: Path) -> ErrorList:
    if len(set(names)) != len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        return [invalid(path, repeated, "the same resource cannot be specified multiple times")]
    parsed = [parse_group_resource(name) for name in names]
    if ("*", "*") in parsed and len(names) > 1:
        return [invalid(path, "*.*", _OVERLAP)]
    wildcards = {group for group, resource in parsed if resource == "*"}
    for name, (group, resource) in zip(names, parsed, strict=True):
        if group in wildcards and resource != "*":
            return [invalid(path, name, _OVERLAP)]
    return []


def _check(name: str, path: Path) -> ErrorList:
    group, resource = parse_group_resource(name)
    if name.lower() != name:
        return [invalid(path, name, "resource name should not contain capital letters")]
    if name == "*":
        return [invalid(path, name, _STAR)]
    if not group and resource in _WITHOUT_API:
        return [invalid(path, name, "resources which do not have REST API/s cannot be encrypted")]
    if group == "*" and resource != "*":
        return [invalid(path, name, "encrypting the same resource across groups is not supported")]
    if group == "events.k8s.io":
        return [invalid(path, name, _EVENTS)]
    if group == "extensions":
        return [invalid(path, name, "'extensions' group has been removed and cannot be used for encryption")]
    return []
