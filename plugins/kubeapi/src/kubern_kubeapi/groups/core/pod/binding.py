"""Binding: a pod gets its node (upstream: pkg/registry/core/pod/storage, BindingREST). Next: `conditions.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field
from kubern.apimachinery.errors import GroupResource, StatusError, bad_request, conflict
from kubern.apimachinery.field import ErrorList, Path, aggregate_message
from kubern.registry.errors import plain_error
from kubern.registry.guaranteed_update import guaranteed_update
from kubern.registry.rest import Preconditions
from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.core.pod.conditions import update_condition

if TYPE_CHECKING:
    from kubern.registry.store import ResourceStore
    from kubern.registry.written import Validate
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

Object = dict[str, Any]
_TARGET = Path("target")
_BINDING = GroupResource("", "pods/binding")


def created() -> Object:
    """What a create answers that leaves nothing behind."""
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def validate_binding(binding: Object) -> ErrorList:
    errors: ErrorList = []
    target = binding.get("target") or {}
    kind = target.get("kind") or ""
    if kind not in ("", "Node"):
        errors.append(field.not_supported_in_order(_TARGET.child("kind"), kind, ("Node", "<empty>")))
    if not target.get("name"):
        errors.append(field.required(_TARGET.child("name")))
    return errors


class BindingStorage:
    """POST of pods/NAME/binding."""

    namespaced = True

    def __init__(self, store: ResourceStore) -> None:
        self.store = store

    async def create(
        self, ctx: RequestContext, name: str, obj: Object, *, validate: Validate | None = None, dry_run: bool = False
    ) -> Object:
        """Bind. Raises StatusError 400, 404, 409, 500."""
        if name != obj["metadata"].get("name", ""):
            raise bad_request("name in URL does not match name in Binding object")
        errors = validate_binding(obj)
        if errors:
            raise plain_error(aggregate_message(errors))
        if validate is not None:
            await validate(obj, None)
        meta = obj["metadata"]
        wanted = Preconditions(meta.get("uid") or None, meta.get("resourceVersion") or None)
        await guaranteed_update(
            self.store,
            ctx.info.namespace,
            name,
            lambda pod: _assign(pod, obj),
            preconditions=wanted,
            dry_run=dry_run,
        )
        return created()


def _assign(pod: Object, binding: Object) -> None:
    """Give the pod its node, and the binding's annotations and labels. Raises StatusError 409."""
    meta, spec = pod["metadata"], pod["spec"]
    name = meta["name"]
    problem = ""
    if meta.get("deletionTimestamp"):
        problem = f"pod {name} is being deleted, cannot be assigned to a host"
    elif spec.get("nodeName"):
        problem = f"pod {name} is already assigned to node {go_quote(spec['nodeName'])}"
    elif spec.get("schedulingGates"):
        problem = f"pod {name} has non-empty .spec.schedulingGates"
    if problem:
        raise conflict(_BINDING, name, problem)
    spec["nodeName"] = binding["target"]["name"]
    (pod.get("status") or {}).pop("nominatedNodeName", None)
    for part in ("annotations", "labels"):
        added = binding["metadata"].get(part)
        if added:
            meta[part] = {**(meta.get(part) or {}), **added}
    update_condition(pod, {"type": "PodScheduled", "status": "True"})


class LegacyBindingStorage:
    """POST of bindings, as schedulers did before pods had the subresource."""

    namespaced = True

    def __init__(self, server: GenericAPIServer) -> None:
        self.server = server

    def not_found(self, name: str) -> StatusError:
        from kubern.apimachinery.errors import not_found

        return not_found(GroupResource("", "bindings"), name)

    async def create(
        self, ctx: RequestContext, obj: Object, *, validate: Validate | None = None, dry_run: bool = False
    ) -> Object:
        """Bind the pod that the binding is named for. Raises StatusError 400, 404, 409, 500."""
        store = self.server.stores["", "pods"]
        name = obj["metadata"].get("name", "")
        return await BindingStorage(store).create(ctx, name, obj, validate=validate, dry_run=dry_run)
