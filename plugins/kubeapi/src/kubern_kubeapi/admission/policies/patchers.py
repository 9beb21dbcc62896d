"""The mutations of mutating policies: apply configurations and JSON patches (upstream: policy/mutating/patch).

Next: `kubern/cel/mutation.py` for the types that expressions build, `kubern/apimachinery/managedfields/merge.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import StatusError
from kubern.cel.errors import CelError
from kubern.cel.mutation import type_name_problems
from kubern.cel.runtime.conversion import to_json
from kubern.cel.runtime.structs import StructValue
from kubern_kubeapi.admission.aggregate import aggregate

if TYPE_CHECKING:
    from kubern.apimachinery.managedfields.types import Type
    from kubern_kubeapi.admission.dynamic.versions import VersionedAttributes

Object = dict[str, Any]
_TEST_FAILED = "testing value"


class MutationProblem(Exception):
    """The mutation cannot be made."""


def apply_json_patch(obj: Object, value: Any) -> Object:
    """`obj` with the operations of a CEL value; `obj` itself when a test among them fails. Raises MutationProblem."""
    from kubern.apimachinery.patch.json_patch import JSONPatch
    from kubern.apimachinery.patch.json_patch import apply_json_patch as apply

    for operation in value:
        _check_type_names(operation.fields.get("value"))
    try:
        operations = to_json(value)
    except CelError as error:
        raise MutationProblem(str(error)) from error
    try:
        patched: Object = apply(obj, JSONPatch(operations, []))
    except StatusError as error:
        text = str(error.__context__ or error.message)
        if text.startswith(_TEST_FAILED):
            return obj
        raise MutationProblem(f"JSON Patch: {text}") from error
    return patched


def _check_type_names(value: Any) -> None:
    """An object may be of any type, what is in it must stand where its type says. Raises MutationProblem."""
    if isinstance(value, StructValue):
        problems = type_name_problems(value, value.cel_type.name)
        if problems:
            raise MutationProblem(f"type mismatch: {aggregate(problems)}")


def apply_configuration(versioned: VersionedAttributes, value: Any) -> Object:
    """The object with an apply configuration, a CEL value of type Object, merged into it. Raises MutationProblem."""
    from kubern.apimachinery.managedfields.errors import TypedError
    from kubern.apimachinery.managedfields.merge import merge
    from kubern.apimachinery.managedfields.validate import validate

    problems = type_name_problems(value)
    if problems:
        raise MutationProblem(f"type mismatch: {aggregate(problems)}")
    try:
        patch = to_json(value)
    except CelError as error:
        raise MutationProblem(str(error)) from error
    live = versioned.object or {}
    patch = {**patch, "apiVersion": live.get("apiVersion"), "kind": live.get("kind")}
    type_ = _type_of(versioned)
    try:
        validate(type_, patch, allow_duplicates=True)
    except TypedError as error:
        text = f"failed to convert patch object to typed object: {error}"
        raise MutationProblem(f"error applying patch: {text}") from error
    atomic = _atomic_paths(type_, patch, "")
    if atomic:
        text = f"may not mutate atomic arrays, maps or structs: {', '.join(atomic)}"
        raise MutationProblem(f"error applying patch: invalid ApplyConfiguration: {text}")
    try:
        merged: Object = merge(type_, live, patch)
    except TypedError as error:
        raise MutationProblem(f"error applying patch: failed to merge patch: {error}") from error
    return merged


def _type_of(versioned: VersionedAttributes) -> Type:
    """The structured-merge type of the object. Raises MutationProblem."""
    from kubern.apimachinery.managedfields.errors import MissingVersionError

    scope = versioned.attributes.scope
    try:
        if scope is None:
            raise MissingVersionError
        return scope.field_manager.versions.type(versioned.kind.api_version)
    except MissingVersionError as error:
        text = f"no corresponding type for {versioned.kind.api_version}, Kind={versioned.kind.kind}"
        raise MutationProblem(f"error applying patch: {text}") from error


def _atomic_paths(type_: Type | None, value: Any, path: str) -> list[str]:
    """Where a configuration sets members of something that can only be set as a whole."""
    if type_ is None:
        return []
    if isinstance(value, dict) and type_.map is not None and not type_.map.is_deduced:
        own = [path] if type_.map.atomic else []
        members = ((type_.map.child(name), member, f"{path}.{name}") for name, member in value.items())
        return own + [p for child, member, at in members for p in _atomic_paths(child, member, at)]
    if isinstance(value, list) and type_.list is not None:
        own = [] if type_.list.associative else [path]
        element = type_.list.element
        return own + [p for i, item in enumerate(value) for p in _atomic_paths(element, item, f"{path}[{i}]")]
    return []
