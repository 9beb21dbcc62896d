"""The kinds that a server can decode, whether it serves them or not (upstream: runtime.Scheme).

A body may claim to be any kind; what is answered depends on whether the server knows that kind.
Next: `typed.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import TYPE_CHECKING, Final

from kubern.apimachinery.codec.meta import GroupVersionKind

if TYPE_CHECKING:
    from kubern.apimachinery.schema.model import Schema

META_KINDS: Final = frozenset(
    ("CreateOptions", "DeleteOptions", "GetOptions", "ListOptions", "PatchOptions", "UpdateOptions", "WatchEvent")
)
"""Kinds of meta.k8s.io/v1 that every group version has (upstream: metav1.AddToGroupVersion)."""
UNVERSIONED_KINDS: Final = frozenset(("APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "Status"))
"""Kinds that are known whatever their group version (upstream: Scheme.AddUnversionedTypes)."""


class Scheme:
    """Registered kinds.

    `name` is what errors call the scheme (upstream: the source line that made it). `find_schema` gives a kind's
    schema, None for kinds known by name only. `internal` names the hub type of kinds that share one across groups;
    other kinds have a hub of their own, named by the group's first label (`apps.Deployment`).
    """

    def __init__(
        self,
        name: str,
        kinds: Container[GroupVersionKind],
        find_schema: Callable[[GroupVersionKind], Schema | None],
        internal: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        self.name = name
        self.schema = find_schema
        self._kinds = kinds
        self._internal = internal or {}

    def recognizes(self, gvk: GroupVersionKind) -> bool:
        return gvk in self._kinds or gvk.kind in UNVERSIONED_KINDS

    def type_name(self, gvk: GroupVersionKind) -> str:
        """The Go type of a known kind, as errors print it: `v1beta1.Deployment`."""
        version = "v1" if gvk.kind in UNVERSIONED_KINDS or gvk.kind in META_KINDS else gvk.version
        return f"{version}.{gvk.kind}"

    def internal(self, group: str, kind: str) -> str:
        """The hub type of a kind, as errors print it: `core.ConfigMap`."""
        return self._internal.get((group, kind)) or f"{group.split('.')[0] or 'core'}.{kind}"

    def not_registered(self, gvk: GroupVersionKind) -> str:
        """The text for an unknown kind."""
        return f'no kind "{gvk.kind}" is registered for version "{gvk.api_version}" in scheme "{self.name}"'
