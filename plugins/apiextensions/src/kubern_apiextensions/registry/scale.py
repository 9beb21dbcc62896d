"""The scale subresource of custom resources, whose paths come from the definition (upstream: customresource.ScaleREST).

Next: `kubern/registry/scale.py`, which does the writing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import internal_error
from kubern.registry.scale import ScaleStorage
from kubern.util.goquote import go_quote
from kubern_apiextensions.api.summary import ScalePaths
from kubern_apiextensions.registry.validation import nested

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubern.apimachinery.managedfields.elements import Path
    from kubern.apimachinery.resource import ScaleSpec
    from kubern.registry.store import ResourceStore

Object = dict[str, Any]


class CustomResourceScale(ScaleStorage):
    """Scale of one version; `paths_by_version` are those of all versions of the resource by apiVersion."""

    def __init__(
        self,
        store: ResourceStore,
        spec: ScaleSpec,
        paths: ScalePaths,
        paths_by_version: Mapping[str, ScalePaths | None],
    ) -> None:
        super().__init__(store, spec)
        self.paths = paths
        self.paths_by_version = paths_by_version

    def check(self, name: str, scale: Object) -> None:
        """The number is checked as part of the object, with the object's own path."""

    def replicas_paths(self) -> dict[str, Path | None]:
        return {
            version: None if paths is None else tuple("f:" + part for part in paths.spec_replicas[1:].split("."))
            for version, paths in self.paths_by_version.items()
        }

    def view(self, obj: Object) -> Object:
        """The Scale of an object. Raises StatusError 500 when it cannot have one."""
        try:
            replicas = nested(obj, self.paths.spec_replicas, int)
            nested(obj, self.paths.status_replicas, int)
            if self.paths.label_selector:
                nested(obj, self.paths.label_selector, str)
        except ValueError as error:
            raise internal_error(error) from None
        if replicas is None:
            raise internal_error(f"the spec replicas field {go_quote(self.paths.spec_replicas)} does not exist")
        return super().view(obj)
