"""The scheme of the apiextensions member: the kinds that bodies for definitions may claim to be.

Next: `kubern/apimachinery/codec/scheme.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from kubern.apimachinery.codec.meta import GroupVersionKind
from kubern.apimachinery.codec.scheme import META_KINDS, Scheme
from kubern_apiextensions.api.crd import GROUP, KIND, VERSION

if TYPE_CHECKING:
    from kubern.apimachinery.schema.model import Schema

NAME: Final = "k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go:55"
_KINDS: Final = (KIND, KIND + "List", "ConversionReview")
_DEFINITION: Final = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition"


@functools.cache
def definition_schema() -> Schema:
    """The schema of CustomResourceDefinition."""
    from kubern.apimachinery.schema.files import DefinitionFile, meta_file
    from kubern.apimachinery.schema.model import Definitions

    definitions = Definitions(DefinitionFile("kubern_apiextensions", "schema_data", meta_file()))
    return definitions.get(_DEFINITION)


def _kinds() -> Iterator[GroupVersionKind]:
    for version in (VERSION, "v1beta1"):
        for kind in (*_KINDS, *META_KINDS):
            yield GroupVersionKind(GROUP, version, kind)
    for kind in META_KINDS:
        yield GroupVersionKind("", "v1", kind)


def _find_schema(gvk: GroupVersionKind) -> Schema | None:
    return definition_schema() if gvk == GroupVersionKind(GROUP, VERSION, KIND) else None


@functools.cache
def scheme() -> Scheme:
    """The scheme, made on first use."""
    internal = {(GROUP, kind): f"apiextensions.{kind}" for kind in _KINDS}
    return Scheme(NAME, frozenset(_kinds()), _find_schema, internal)
