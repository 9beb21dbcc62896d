"""The scheme of the aggregator member: the kinds that bodies for APIServices may claim to be.

Next: `kubern/apimachinery/codec/scheme.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from kubern.apimachinery.codec.meta import GroupVersionKind
from kubern.apimachinery.codec.scheme import META_KINDS, Scheme
from kubern_aggregator.api.apiservice import GROUP, api_service_schema

if TYPE_CHECKING:
    from kubern.apimachinery.schema.model import Schema

NAME: Final = "k8s.io/kube-aggregator/pkg/apiserver/scheme/scheme.go:32"
_KINDS: Final = ("APIService", "APIServiceList")


def _kinds() -> Iterator[GroupVersionKind]:
    for version in ("v1", "v1beta1"):
        for kind in (*_KINDS, *META_KINDS):
            yield GroupVersionKind(GROUP, version, kind)
    for kind in META_KINDS:
        yield GroupVersionKind("", "v1", kind)


def _find_schema(gvk: GroupVersionKind) -> Schema | None:
    return api_service_schema() if gvk.group == GROUP and gvk.kind == "APIService" else None


@functools.cache
def scheme() -> Scheme:
    """The scheme, made on first use."""
    return Scheme(NAME, frozenset(_kinds()), _find_schema)
