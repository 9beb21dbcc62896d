"""Kinds of the core group as requests meet them: decoded, defaulted, prepared and validated, without a server."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from kubern.apimachinery.codec.document import JSON
from kubern.apimachinery.codec.typed import TypedCodec
from kubern.apimachinery.errors import StatusError
from kubern.registry.before import before_create, before_update, fill_system_fields
from kubern.request import RequestContext, RequestInfo
from kubern_kubeapi.groups.core.group import GROUP
from kubern_kubeapi.schema import schema_for
from kubern_kubeapi.schema.scheme import scheme

Object = dict[str, Any]


def merged(base: Any, change: Mapping[str, Any]) -> Any:
    """`base` with a merge patch applied; lists are replaced."""
    out = dict(base) if isinstance(base, dict) else {}
    for key, value in change.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merged(out.get(key), value) if isinstance(value, dict) else copy.deepcopy(value)
    return out


def causes_of(error: StatusError) -> list[str]:
    """The causes of a 422 as `field: message`; the message of any other error."""
    if error.code != 422:
        return [f"{error.code} {error.message}"]
    return [f"{cause['field']}: {cause['message']}" for cause in (error.details or {})["causes"]]


class Kind:
    """One kind and a small valid object of it, which the tests vary by merge patches."""

    def __init__(self, resource: str, base: Object) -> None:
        self.definition = next(r for r in GROUP.resources if r.resource == resource)
        self.base = base
        self.codec = TypedCodec(schema_for("", "v1", self.definition.kind), "", "v1", self.definition.kind, scheme())

    def _context(self) -> RequestContext:
        namespace = "ns" if self.definition.namespaced else ""
        return RequestContext(RequestInfo(path="/", verb="create", namespace=namespace))

    def decoded(self, change: Object) -> Object:
        obj = merged({"metadata": {"name": "a"}, **self.base}, change)
        obj = {"apiVersion": "v1", "kind": self.definition.kind, **obj}
        decoded = self.codec.decode(json.dumps(obj).encode(), JSON, True).obj
        version = self.definition.versions[0]
        if version.default is not None:
            version.default(decoded)
        return decoded

    def create(self, change: Object) -> tuple[Object, list[str]]:
        """(the object, warnings). Raises StatusError."""
        ctx, obj = self._context(), self.decoded(change)
        fill_system_fields(obj)
        before_create(ctx, self.definition, self.definition.strategy, obj)
        return obj, ctx.warnings

    def created(self, change: Object) -> Object:
        return self.create(change)[0]

    def warnings(self, change: Object) -> list[str]:
        return self.create(change)[1]

    def causes(self, change: Object) -> list[str]:
        """What is wrong with a new object."""
        try:
            self.create(change)
        except StatusError as error:
            return causes_of(error)
        return []

    def update(self, old: Object, change: Object, subresource: str = "") -> tuple[Object, list[str]]:
        """(`old` with a change made to it, warnings). Raises StatusError."""
        strategy = self.definition.strategy
        if subresource:
            found = next(s for s in self.definition.subresources if s.name == subresource)
            strategy = found.strategy or strategy
        old = copy.deepcopy({**old, "metadata": {**old["metadata"], "resourceVersion": "1"}})
        ctx, obj = self._context(), self.decoded(merged(copy.deepcopy(old), change))
        before_update(ctx, self.definition, strategy, obj, old)
        return obj, ctx.warnings

    def update_causes(self, old: Object, change: Object, subresource: str = "") -> list[str]:
        """What is wrong with a change."""
        try:
            self.update(old, change, subresource)
        except StatusError as error:
            return causes_of(error)
        return []


@pytest.fixture(scope="session")
def kind() -> Callable[[str, Object], Kind]:
    """Makes the helper of a kind from its plural and a small valid object."""
    return Kind


@pytest.fixture(scope="session")
def pods(kind: Callable[[str, Object], Kind]) -> Kind:
    return kind("pods", {"spec": {"containers": [{"name": "c", "image": "i"}]}})
