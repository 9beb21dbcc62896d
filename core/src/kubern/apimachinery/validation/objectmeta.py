"""metadata's validation (upstream: apimachinery/pkg/api/validation/objectmeta.go).

Kinds call `validate_object_meta` and `validate_object_meta_update` at the head of their own validation.
Next: `labels.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.labels import validate_labels
from kubern.util.goquote import go_quote

Meta = Mapping[str, Any]
NameFunction = Callable[[str, bool], list[str]]
"""Problems of a name; the flag says that it is a prefix to be completed (generateName)."""

FIELD_IMMUTABLE: Final = "field is immutable"
IS_NEGATIVE: Final = "must be greater than or equal to 0"
TOTAL_ANNOTATION_SIZE_LIMIT: Final = 256 * 1024
FIELD_MANAGER_MAX_LENGTH: Final = 128
MAX_SUBRESOURCE_NAME_LENGTH: Final = 256
FINALIZER_ORPHAN_DEPENDENTS: Final = "orphan"
FINALIZER_DELETE_DEPENDENTS: Final = "foregroundDeletion"
METADATA: Final = Path("metadata")


def validate_object_meta(
    meta: Meta, requires_namespace: bool, name_function: NameFunction, path: Path = METADATA
) -> ErrorList:
    """metadata of a new object, after its name has been generated."""
    errors: ErrorList = []
    prefix = meta.get("generateName")
    if prefix:
        errors += [field.invalid(path.child("generateName"), prefix, m) for m in name_function(prefix, True)]
    name = meta.get("name")
    if not name:
        errors.append(field.required(path.child("name"), "name or generateName is required"))
    else:
        errors += [field.invalid(path.child("name"), name, m) for m in name_function(name, False)]
    return errors + _validate_common(meta, requires_namespace, path)


def validate_object_meta_with_opts(
    meta: Meta, is_namespaced: bool, name_function: NameFunction, path: Path = METADATA
) -> ErrorList:
    """As `validate_object_meta`, for the kinds whose generateName is judged by the name it gave only."""
    errors: ErrorList = []
    prefix, name = meta.get("generateName"), meta.get("name")
    if prefix and not name:
        detail = f"generateName was specified ({go_quote(prefix)}), but no name was generated"
        errors.append(field.internal_error(path.child("name"), detail))
    if not name:
        errors.append(field.required(path.child("name"), "name or generateName is required"))
    else:
        errors += [field.invalid(path.child("name"), name, m) for m in name_function(name, False)]
    return errors + _validate_common(meta, is_namespaced, path)


def _validate_common(meta: Meta, is_namespaced: bool, path: Path) -> ErrorList:
    errors: ErrorList = []
    namespace = meta.get("namespace")
    if not is_namespaced:
        if namespace:
            errors.append(field.forbidden(path.child("namespace"), "not allowed on this type"))
    elif not namespace:
        errors.append(field.required(path.child("namespace")))
    else:
        problems = names.name_is_dns_label(namespace, False)
        errors += [field.invalid(path.child("namespace"), namespace, m) for m in problems]
    for name, validate in _COMMON:
        value = meta.get(name)
        if value:
            errors += validate(value, path.child(name))
    return errors


def validate_object_meta_update(new: Meta, old: Meta, path: Path = METADATA) -> ErrorList:
    """metadata of `new` as the successor of `old`."""
    errors: ErrorList = []
    if old.get("deletionTimestamp") is not None:
        at = path.child("finalizers")
        errors += validate_no_new_finalizers(new.get("finalizers"), old.get("finalizers"), at)
    if not new.get("resourceVersion"):
        errors.append(field.invalid(path.child("resourceVersion"), "", "must be specified for an update"))
    generation = new.get("generation") or 0
    if generation < (old.get("generation") or 0):
        errors.append(field.invalid(path.child("generation"), generation, "must not be decremented"))
    for name in ("name", "namespace", "uid"):
        if new.get(name) != old.get(name):
            errors += validate_immutable(new.get(name) or "", old.get(name) or "", path.child(name))
    for name in ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"):
        if new.get(name) != old.get(name):
            errors += validate_immutable(new.get(name), old.get(name), path.child(name))
    for name, validate in _COMMON_TO_UPDATES:
        value = new.get(name)
        if value:
            errors += validate(value, path.child(name))
    return errors


def validate_object_meta_accessor(meta: Meta, is_namespaced: bool, path: Path = METADATA) -> ErrorList:
    """What the generic registry checks of every new object after the kind's own validation."""
    return validate_object_meta(meta, is_namespaced, names.name_is_path_segment, path)


def validate_object_meta_accessor_update(new: Meta, old: Meta, is_namespaced: bool, path: Path = METADATA) -> ErrorList:
    """What the generic registry checks of every update before the kind's own validation."""
    return validate_object_meta_accessor(new, is_namespaced, path) + validate_object_meta_update(new, old, path)


def validate_annotations(annotations: Mapping[str, str] | None, path: Path) -> ErrorList:
    """Keys are qualified names in any case; all keys and values together have a size limit."""
    errors: ErrorList = []
    total = 0
    for key in sorted(annotations or ()):
        errors += [field.invalid(path, key, m) for m in names.is_qualified_name(key.lower())]
        total += len(key.encode()) + len((annotations or {})[key].encode())
    if total > TOTAL_ANNOTATION_SIZE_LIMIT:
        errors.append(field.too_long(path, "", TOTAL_ANNOTATION_SIZE_LIMIT))
    return errors


_OWNER_FIELDS = ("apiVersion", "kind", "name", "uid")


def _owner_reference_value(ref: Meta) -> dict[str, Any]:
    out: dict[str, Any] = {name: ref.get(name, "") for name in _OWNER_FIELDS}
    out |= {name: ref[name] for name in ("controller", "blockOwnerDeletion") if ref.get(name) is not None}
    return out


def _validate_owner_reference(ref: Meta, path: Path) -> ErrorList:
    errors: ErrorList = []
    api_version, kind = ref.get("apiVersion", ""), ref.get("kind", "")
    slashes = api_version.count("/")
    malformed = slashes > 1 or api_version == "/"
    group, _, version = api_version.rpartition("/") if not malformed else ("", "", "")
    if not version:
        errors.append(field.invalid(path.child("apiVersion"), api_version, "version must not be empty"))
    for name in ("kind", "name", "uid"):
        if not ref.get(name):
            errors.append(field.invalid(path.child(name), "", "must not be empty"))
    if (group, version, kind) == ("", "v1", "Event"):
        detail = "/v1, Kind=Event is disallowed from being an owner"
        errors.append(field.invalid(path, _owner_reference_value(ref), detail))
    return errors


def validate_owner_references(references: Sequence[Meta] | None, path: Path) -> ErrorList:
    """Each is complete, and at most one is the controller."""
    errors: ErrorList = []
    first_controller = ""
    for ref in references or ():
        errors += _validate_owner_reference(ref, path)
        if not ref.get("controller"):
            continue
        controller = f"{ref.get('kind', '')}/{ref.get('name', '')}"
        if not first_controller:
            first_controller = controller
            continue
        detail = (
            'Only one reference can have Controller set to true. Found "true" in references for '
            f"{first_controller} and {controller}"
        )
        errors.append(field.invalid(path, [_owner_reference_value(r) for r in references or ()], detail))
    return errors


def validate_finalizer_name(name: str, path: Path) -> ErrorList:
    return [field.invalid(path, name, m) for m in names.is_qualified_name(name)]


def validate_finalizers(finalizers: Sequence[str] | None, path: Path) -> ErrorList:
    """Qualified names; the two of garbage collection exclude each other."""
    errors: ErrorList = []
    finalizers = list(finalizers or ())
    for name in finalizers:
        errors += validate_finalizer_name(name, path)
    if FINALIZER_ORPHAN_DEPENDENTS in finalizers and FINALIZER_DELETE_DEPENDENTS in finalizers:
        detail = f"finalizer {FINALIZER_ORPHAN_DEPENDENTS} and {FINALIZER_DELETE_DEPENDENTS} cannot be both set"
        errors.append(field.invalid(path, finalizers, detail))
    return errors


def validate_no_new_finalizers(new: Sequence[str] | None, old: Sequence[str] | None, path: Path) -> ErrorList:
    """An object that is being deleted gets no further finalizers."""
    extra = sorted(set(new or ()) - set(old or ()))
    if not extra:
        return []
    shown = "[]string{" + ", ".join(map(go_quote, extra)) + "}"
    detail = f"no new finalizers can be added if the object is being deleted, found new finalizers {shown}"
    return [field.forbidden(path, detail)]


def validate_managed_fields(entries: Sequence[Meta] | None, path: Path) -> ErrorList:
    errors: ErrorList = []
    for i, entry in enumerate(entries or ()):
        if _is_plain_entry(entry):
            continue
        at = path.index(i)
        operation = entry.get("operation", "")
        if operation not in ("Apply", "Update"):
            errors.append(field.invalid(at.child("operation"), operation, "must be `Apply` or `Update`"))
        fields_type = entry.get("fieldsType", "")
        if fields_type and fields_type != "FieldsV1":
            errors.append(field.invalid(at.child("fieldsType"), fields_type, "must be `FieldsV1`"))
        errors += validate_field_manager(entry.get("manager", ""), at.child("manager"))
        subresource = entry.get("subresource", "")
        if len(subresource.encode()) > MAX_SUBRESOURCE_NAME_LENGTH:
            errors.append(field.too_long(at.child("subresource"), subresource, MAX_SUBRESOURCE_NAME_LENGTH))
    return errors


def _is_plain_entry(entry: Meta) -> bool:
    """Whether an entry is one that the server makes for a client with an ordinary name: there is nothing to say of it."""
    manager = entry.get("manager", "")
    return (
        entry.get("operation") in ("Apply", "Update")
        and entry.get("fieldsType") == "FieldsV1"
        and len(manager) <= FIELD_MANAGER_MAX_LENGTH
        and manager.isascii()
        and manager.isprintable()
        and "subresource" not in entry
    )


def validate_field_manager(manager: str, path: Path) -> ErrorList:
    """At most 128 bytes of printable characters."""
    errors: ErrorList = []
    if len(manager.encode()) > FIELD_MANAGER_MAX_LENGTH:
        errors.append(field.too_long(path, manager, FIELD_MANAGER_MAX_LENGTH))
    position = 0
    for char in manager:
        if not char.isprintable():
            detail = f"invalid character U+{ord(char):04X} (at position {position})"
            errors.append(field.invalid(path, manager, detail))
        position += len(char.encode())
    return errors


def validate_nonnegative(value: int, path: Path) -> ErrorList:
    return [field.invalid(path, value, IS_NEGATIVE)] if value < 0 else []


_COMMON: Final[tuple[tuple[str, Callable[[Any, Path], ErrorList]], ...]] = (
    ("generation", validate_nonnegative),
    ("labels", validate_labels),
    ("annotations", validate_annotations),
    ("ownerReferences", validate_owner_references),
    ("finalizers", validate_finalizers),
    ("managedFields", validate_managed_fields),
)
_COMMON_TO_UPDATES: Final = tuple(rule for rule in _COMMON if rule[0] not in ("generation", "finalizers"))


def validate_immutable(new: Any, old: Any, path: Path) -> ErrorList:
    """Equal up to missing and empty (upstream: ValidateImmutableField)."""
    return [] if semantic_equal(new, old) else [field.invalid(path, new, FIELD_IMMUTABLE)]
