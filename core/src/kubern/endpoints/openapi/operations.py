"""The operations of a resource as OpenAPI documents describe them: paths, ids, parameters, bodies and answers.

Upstream: endpoints/installer.go and kube-openapi's builders. Next: `v3.py`, `v2.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from kubern.endpoints.openapi import parameters
from kubern.endpoints.openapi.names import definition_name, operation_id, tag_of
from kubern.endpoints.openapi.parameters import NAMESPACE, PRETTY, Parameter

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition, Subresource

META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1."
STATUS: Final = META + "Status"
TEXT: Final = "string"
"""Stands for a plain string where a definition's name would be."""

JSON: Final = "application/json"
YAML: Final = "application/yaml"
PROTOBUF: Final = "application/vnd.kubernetes.protobuf"
_ANY: Final = ("*/*",)
_PATCHES: Final = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)
_CONNECT_METHODS: Final = ("get", "post", "put", "delete", "options", "head", "patch")
_CONNECT_VERBS: Final = {"get": "get", "post": "create", "put": "update", "delete": "delete", "patch": "patch"}


@dataclasses.dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `responses` maps a code to a definition's name, `body` is one too."""

    path: str
    method: str
    id: str
    tag: str
    description: str
    produces: tuple[str, ...]
    responses: dict[str, str]
    consumes: tuple[str, ...] = _ANY
    parameters: tuple[Parameter, ...] = ()
    body: str = ""
    body_required: bool = True
    action: str = ""
    group_version_kind: tuple[str, str, str] | None = None


class ResourceOperations:
    """Lists the operations of one resource at one version."""

    def __init__(self, definition: ResourceDefinition, version: str) -> None:
        self.definition = definition
        self.version = version
        self.group = definition.group
        self.kind = definition.kind
        self.typed = definition.typed_items
        """A custom resource: no protobuf, no strategic merge patch, no separate watch paths."""
        self.root = f"/apis/{self.group}/{version}" if self.group else f"/api/{version}"
        self.plain = (JSON, YAML) if self.typed else (JSON, YAML, PROTOBUF)
        self.streams = self.plain if self.typed else (*self.plain, JSON + ";stream=watch", PROTOBUF + ";stream=watch")
        found = definition.version(version)
        schema = found.schema() if found is not None and found.schema is not None else None
        name = schema.name if schema is not None else ""
        self.model = name or definition_name(self.group, version, self.kind)

    def all(self) -> Iterator[Operation]:
        """Every operation of the resource and its subresources."""
        place = "namespaces/{namespace}/" if self.definition.namespaced else ""
        collection = f"{self.root}/{place}{self.definition.resource}"
        yield from self._collection(collection)
        yield from self._item(collection + "/{name}")
        if not self.typed:
            yield from self._watches(place)
        for sub in self.definition.subresources:
            if not sub.versions or self.version in sub.versions:
                yield from self._subresource(collection + "/{name}/" + sub.name, sub)

    # -- shared parts

    def _scope(self, item: bool, kind: str = "") -> tuple[Parameter, ...]:
        """The parameters in an object's or a collection's path, and `pretty`; `kind` is what has the name."""
        own = (parameters.name_of(kind or self.kind),) if item else ()
        return (*own, NAMESPACE, PRETTY) if self.definition.namespaced else (*own, PRETTY)

    def _make(
        self, path: str, method: str, action: str, verb: str, rest: str, description: str, **more: object
    ) -> Operation:
        """An operation of the resource's own kind; `rest` follows the kind in its id."""
        scope = "Namespaced" if self.definition.namespaced and "ForAllNamespaces" not in rest else ""
        values: dict[str, object] = {
            "produces": self.plain,
            "consumes": self._body_consumes(),
            "action": action,
            "group_version_kind": (self.group, self.version, self.kind),
            **more,
        }
        return Operation(
            path=path,
            method=method,
            id=operation_id(verb, self.group, self.version, f"{scope}{self.kind}{rest}"),
            tag=tag_of(self.group, self.version),
            description=description,
            **values,  # type: ignore[arg-type]
        )

    def _body_consumes(self) -> tuple[str, ...]:
        return (JSON, YAML) if self.typed else _ANY

    # -- the resource itself

    def _collection(self, path: str) -> Iterator[Operation]:
        verbs, scope, kind = self.definition.verbs, self._scope(False), self.kind
        if "list" in verbs:
            yield self._list(path, "", scope)
            if self.definition.namespaced:
                yield self._list(f"{self.root}/{self.definition.resource}", "ForAllNamespaces", (PRETTY,))
        if "create" in verbs:
            yield self._make(
                path, "post", "post", "create", "", f"create {_article(kind)}", parameters=(*scope, *parameters.WRITE),
                body=self.model, responses=dict.fromkeys(("200", "201", "202"), self.model),
            )  # fmt: skip
        if "deletecollection" in verbs:
            body = {} if self.typed else {"body": META + "DeleteOptions", "body_required": False}
            yield self._make(
                path, "delete", "deletecollection", "deleteCollection", "", f"delete collection of {kind}",
                parameters=(*scope, *(parameters.DELETE_COLLECTION if not self.typed else parameters.LIST)),
                responses={"200": STATUS}, **body,
            )  # fmt: skip

    def _list(self, path: str, suffix: str, scope: tuple[Parameter, ...]) -> Operation:
        watch = "list or watch" if "watch" in self.definition.verbs and not self.typed else "list"
        return self._make(
            path, "get", "list", "list", suffix, f"{watch} objects of kind {self.kind}",
            parameters=(*scope, *parameters.LIST), produces=self.streams, responses={"200": self.model + "List"},
        )  # fmt: skip

    def _item(self, path: str) -> Iterator[Operation]:
        verbs, scope, kind = self.definition.verbs, self._scope(True), self.kind
        if "get" in verbs:
            yield self._read(path, "", f"read the specified {kind}", self.model)
        if "update" in verbs:
            yield self._replace(path, "", f"replace the specified {kind}", self.model)
        if "patch" in verbs:
            yield self._patch(path, "", f"partially update the specified {kind}", self.model)
        if "delete" in verbs:
            # Stores of their own do not say that they return the object (upstream: namespaces').
            # Namespaces answer with themselves, but upstream's document does not say so.
            told = self.definition.resource != "namespaces" and not self.typed
            returned = self.definition.return_deleted_object and told
            answer = self.model if returned else STATUS
            yield self._make(
                path, "delete", "delete", "delete", "", f"delete {_article(kind)}",
                parameters=(*scope, *parameters.DELETE), body=META + "DeleteOptions", body_required=False,
                responses={"200": answer, "202": answer},
            )  # fmt: skip

    def _read(self, path: str, rest: str, description: str, model: str, **more: object) -> Operation:
        return self._make(
            path, "get", "get", "read", rest, description, **{
                "parameters": (*self._named(more), *((Parameter("resourceVersion"),) if self.typed else ())),
                "responses": {"200": model}, **more,
            },
        )  # fmt: skip

    def _replace(self, path: str, rest: str, description: str, model: str, **more: object) -> Operation:
        return self._make(
            path, "put", "put", "replace", rest, description, body=model,
            parameters=(*self._named(more), *parameters.WRITE), responses={"200": model, "201": model}, **more,
        )  # fmt: skip

    def _patch(self, path: str, rest: str, description: str, model: str, **more: object) -> Operation:
        consumes = tuple(p for p in _PATCHES if not (self.typed and "strategic" in p))
        codes = ("200",) if self.typed else ("200", "201")
        return self._make(
            path, "patch", "patch", "patch", rest, description, body=META + "Patch", consumes=consumes,
            parameters=(*self._named(more), *parameters.PATCH), responses=dict.fromkeys(codes, model), **more,
        )  # fmt: skip

    def _watches(self, place: str) -> Iterator[Operation]:
        verbs = self.definition.verbs
        if "watch" not in verbs or "list" not in verbs:
            return
        resource, kind = self.definition.resource, self.kind
        root = f"{self.root}/watch"
        many = (
            f"watch individual changes to a list of {kind}. "
            "deprecated: use the 'watch' parameter with a list operation instead."
        )
        one = (
            f"watch changes to an object of kind {kind}. deprecated: use the 'watch' parameter with a list operation "
            "instead, filtered to a single item with the 'fieldSelector' parameter."
        )
        yield self._watch(f"{root}/{place}{resource}", "watchlist", "List", many, self._scope(False))
        yield self._watch(f"{root}/{place}{resource}/{{name}}", "watch", "", one, self._scope(True))
        if self.definition.namespaced:
            yield self._watch(f"{root}/{resource}", "watchlist", "ListForAllNamespaces", many, (PRETTY,))

    def _watch(self, path: str, action: str, rest: str, text: str, scope: tuple[Parameter, ...]) -> Operation:
        return self._make(
            path, "get", action, "watch", rest, text, produces=self.streams,
            parameters=(*scope, *parameters.LIST), responses={"200": META + "WatchEvent"},
        )  # fmt: skip

    # -- subresources

    def _subresource(self, path: str, sub: Subresource) -> Iterator[Operation]:
        if sub.kind in parameters.OPTIONS:
            yield from self._connect(path, sub)
            return
        own = self._subresource_kind(sub)
        model = self.model if own == (self.group, self.version, self.kind) else definition_name(*own)
        rest, of = sub.name[:1].upper() + sub.name[1:], f"{sub.name} of the specified {self.kind}"
        more: dict[str, object] = {"group_version_kind": own}
        if "get" in sub.verbs:
            yield self._read(path, rest, f"read {of}", model, **{**more, **(self._log() if sub.name == "log" else {})})
        if "update" in sub.verbs:
            yield self._replace(path, rest, f"replace {of}", model, **more)
        if "patch" in sub.verbs:
            yield self._patch(path, rest, f"partially update {of}", model, **more)
        if "create" in sub.verbs:
            yield self._make(
                path, "post", "post", "create", rest, f"create {sub.name} of {_article(self.kind)}", body=model,
                parameters=(*self._named(more), *parameters.WRITE),
                responses=dict.fromkeys(("200", "201", "202"), model), **more,
            )  # fmt: skip

    def _subresource_kind(self, sub: Subresource) -> tuple[str, str, str]:
        if sub.scale is not None:
            return "autoscaling", "v1", "Scale"
        if not sub.kind:
            return self.group, self.version, self.kind
        return sub.group, sub.version or self.version, sub.kind

    def _named(self, more: dict[str, object]) -> tuple[Parameter, ...]:
        """The scope of an item, named after the kind that `more` says it has."""
        own = more.get("group_version_kind")
        return self._scope(True, own[2] if isinstance(own, tuple) else "")

    def _log(self) -> dict[str, object]:
        return {
            "parameters": (*self._scope(True), *parameters.LOG),
            "produces": ("text/plain", *self.plain),
            "responses": {"200": TEXT},
        }

    def _connect(self, path: str, sub: Subresource) -> Iterator[Operation]:
        """A subresource that answers with a stream, and the paths below it where it has any."""
        scope = tuple(p for p in self._scope(True, sub.kind) if p is not PRETTY)
        options = parameters.OPTIONS[sub.kind]
        rest = sub.name[:1].upper() + sub.name[1:]
        ways = [(path, rest, (*scope, *options))]
        if sub.name == "proxy":
            ways.append((path + "/{path}", rest + "WithPath", (*scope, parameters.PATH, *options)))
        methods = _CONNECT_METHODS if sub.name == "proxy" else ("get", "post")
        for where, ending, takes in ways:
            for method in methods:
                yield self._make(
                    where, method, "connect", f"connect {method}", ending,
                    f"connect {method.upper()} requests to {sub.name} of {self.kind}", parameters=takes,
                    produces=_ANY, responses={"200": TEXT}, group_version_kind=("", "v1", sub.kind),
                )  # fmt: skip


def _article(kind: str) -> str:
    """`a Pod`, `an Ingress`; plurals have none."""
    if kind.endswith("s") and not kind.endswith("ss"):
        return kind
    return f"{'an' if kind[:1] in 'AEIOUaeiou' else 'a'} {kind}"
