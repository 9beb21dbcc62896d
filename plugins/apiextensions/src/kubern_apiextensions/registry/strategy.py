"""Strategies of custom resources and their status subresource (upstream: registry/customresource/strategy.go).

Next: `../registry/definition.py`, which puts them into a ResourceDefinition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery.errors import GroupKind, invalid
from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.names import is_qualified_name
from kubern.registry.store import same_bytes
from kubern.registry.strategy import Strategy
from kubern.util.goquote import go_quote
from kubern_apiextensions.registry.validation import (
    Findings,
    ResourceRules,
    type_meta_errors,
    validate_create,
    validate_status_update,
    validate_update,
)
from kubern_apiextensions.schema.whole_numbers import make_whole

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_STANDARD_FINALIZERS: Final = frozenset({"orphan", "foregroundDeletion", "kubernetes"})


def finalizer_warnings(obj: Object, old: Object | None) -> list[str]:
    """New finalizers without a domain may collide with others'."""
    known = set((old or {}).get("metadata", {}).get("finalizers") or ())
    warnings = []
    for name in sorted(set(obj["metadata"].get("finalizers") or ()) - known):
        where = f"metadata.finalizers: {go_quote(name)}: "
        warnings += [where + problem for problem in is_qualified_name(name)]
        if "/" not in name and name not in _STANDARD_FINALIZERS:
            path = " including a path (/)" if "." in name else ""
            warnings.append(
                f"{where}prefer a domain-qualified finalizer name{path} to avoid accidental conflicts "
                "with other finalizer writers"
            )
    return warnings


class CustomResourceStrategy(Strategy):
    """Objects of one version. `has_status` says that the version has the status subresource."""

    allow_unconditional_update = False

    def __init__(self, rules: ResourceRules, has_status: bool) -> None:
        self.rules = rules
        self.has_status = has_status
        self.reset_fields = (("status",),) if has_status else ()

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        if self.has_status:
            obj.pop("status", None)
        obj["metadata"]["generation"] = 1

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        if self.has_status:
            if "status" in old:
                obj["status"] = old["status"]
            else:
                obj.pop("status", None)
        if not same_bytes(_without_metadata(obj), _without_metadata(old)):
            obj["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return self._checked(ctx, obj, validate_create(self.rules, obj))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return self._checked(ctx, obj, validate_update(self.rules, obj, old))

    def _checked(self, ctx: RequestContext, obj: Object, found: Findings) -> ErrorList:
        """The errors; those of a wrong kind are raised, since they are reported for the kind the object claims."""
        wrong = type_meta_errors(self.rules, obj)
        if wrong:
            kind = GroupKind(self.rules.version.group, obj.get("kind", ""))
            raise invalid(kind, obj["metadata"].get("name", ""), wrong)
        ctx.warnings.extend(found.warnings)
        return found.errors

    def canonicalize(self, obj: Object) -> None:
        for name, member in obj.items():
            if name != "metadata":
                obj[name] = make_whole(member)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return finalizer_warnings(obj, None)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return finalizer_warnings(obj, old)


class CustomResourceStatusStrategy(CustomResourceStrategy):
    """The status subresource: nothing else of the object changes."""

    def __init__(self, rules: ResourceRules) -> None:
        super().__init__(rules, True)
        self.reset_fields = (("metadata",), ("spec",))

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        status = obj.get("status")
        has_status = "status" in obj
        managed = obj["metadata"].get("managedFields")
        version = obj["metadata"].get("resourceVersion")
        obj.clear()
        obj.update(old)
        meta = obj["metadata"] = {k: v for k, v in old["metadata"].items() if k != "managedFields"}
        if managed is not None:
            meta["managedFields"] = managed
        if version is not None:
            meta["resourceVersion"] = version
        if has_status:
            obj["status"] = status
        else:
            obj.pop("status", None)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return self._checked(ctx, obj, validate_status_update(self.rules, obj, old))


def _without_metadata(obj: Object) -> Object:
    return {k: v for k, v in obj.items() if k != "metadata"}
