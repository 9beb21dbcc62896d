"""Resource lists (cpu, memory ...): rounding, names and values (upstream: core/v1/defaults.go, core/helper, validation).

Shared by pods, nodes, claims, quotas and limit ranges. Next: `pod/validation/resources.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.quantity import MILLI, ZERO, Quantity
from kubern.apimachinery.validation.formats import IS_NOT_INTEGER, IS_NOT_POSITIVE
from kubern.apimachinery.validation.objectmeta import IS_NEGATIVE

ResourceList = Mapping[str, str]
HUGE_PAGES_PREFIX: Final = "hugepages-"
REQUESTS_PREFIX: Final = "requests."
DEFAULT_NAMESPACE_PREFIX: Final = "kubernetes.io/"

_STANDARD_QUOTA_COUNTS: Final = frozenset(
    {
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims",
        "configmaps", "services.nodeports", "services.loadbalancers",
    }
)  # fmt: skip
STANDARD_CONTAINER_RESOURCES: Final = frozenset({"cpu", "memory", "ephemeral-storage"})
STANDARD_RESOURCES: Final = _STANDARD_QUOTA_COUNTS | {
    "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage",
    "limits.cpu", "limits.memory", "limits.ephemeral-storage", "storage", "requests.storage",
}  # fmt: skip
_INTEGER_RESOURCES: Final = _STANDARD_QUOTA_COUNTS


def round_up_to_milli(resources: dict[str, str] | None) -> None:
    """Finer quantities than a thousandth become the next thousandth, in place (upstream: SetDefaults_ResourceList)."""
    for name, text in (resources or {}).items():
        if "n" in text or "u" in text or "." in text or "e" in text or "E" in text:
            quantity = Quantity.parse(text)
            rounded = quantity.round_up(MILLI)
            if rounded is not quantity and rounded != quantity:
                resources[name] = str(rounded)  # type: ignore[index]


def is_huge_page(name: str) -> bool:
    return name.startswith(HUGE_PAGES_PREFIX)


def is_standard_resource(name: str) -> bool:
    return name in STANDARD_RESOURCES or is_huge_page(name.removeprefix(REQUESTS_PREFIX))


def is_standard_container_resource(name: str) -> bool:
    return name in STANDARD_CONTAINER_RESOURCES or is_huge_page(name)


def is_native_resource(name: str) -> bool:
    """Unprefixed, or in the kubernetes.io/ domain."""
    return "/" not in name or DEFAULT_NAMESPACE_PREFIX in name


def is_extended_resource(name: str) -> bool:
    """A device or the like: fully qualified, outside kubernetes.io/, usable with a requests. prefix in quotas."""
    if is_native_resource(name) or name.startswith(REQUESTS_PREFIX):
        return False
    return not names.is_qualified_name(REQUESTS_PREFIX + name)


def is_overcommit_allowed(name: str) -> bool:
    return is_native_resource(name) and not is_huge_page(name)


def is_integer_resource(name: str) -> bool:
    return name in _INTEGER_RESOURCES or is_extended_resource(name)


def is_huge_page_value_divisible(name: str, quantity: Quantity) -> bool:
    """A whole, positive number of pages of the size that the name tells."""
    try:
        page = Quantity.parse(name.removeprefix(HUGE_PAGES_PREFIX)).value()
    except ValueError:
        return False
    return page > 0 and quantity.value() % page == 0


def validate_resource_name(name: str, path: Path) -> ErrorList:
    """A name that stands for a resource anywhere (upstream: validateResourceName)."""
    errors: ErrorList = [field.invalid(path, name, m) for m in names.is_qualified_name(name)]
    if errors:
        return errors
    if "/" not in name and not is_standard_resource(name):
        return [field.invalid(path, name, "must be a standard resource type or fully qualified")]
    return []


def validate_container_resource_name(name: str, path: Path) -> ErrorList:
    """A name that containers may ask for."""
    errors = validate_resource_name(name, path)
    if "/" not in name:
        if not is_standard_container_resource(name):
            errors.append(field.invalid(path, name, "must be a standard resource for containers"))
    elif not is_native_resource(name) and not is_extended_resource(name):
        errors.append(field.invalid(path, name, "doesn't follow extended resource name standard"))
    return errors


def validate_nonnegative_quantity(value: Quantity, path: Path) -> ErrorList:
    return [field.invalid(path, str(value), IS_NEGATIVE)] if value < ZERO else []


def validate_positive_quantity(value: Quantity, path: Path) -> ErrorList:
    return [field.invalid(path, str(value), IS_NOT_POSITIVE)] if value <= ZERO else []


def validate_resource_quantity_value(name: str, value: Quantity, path: Path) -> ErrorList:
    """Not negative, and whole for things that are counted."""
    errors = validate_nonnegative_quantity(value, path)
    if is_integer_resource(name) and value.milli_value() % 1000:
        errors.append(field.invalid(path, str(value), IS_NOT_INTEGER))
    return errors


def validate_basic_resource(value: Quantity, path: Path) -> ErrorList:
    if value.value() < 0:
        return [field.invalid(path, value.value(), "must be a valid resource quantity")]
    return []


def parse_list(resources: ResourceList | None) -> dict[str, Quantity]:
    """The quantities of a list, by name in sorted order."""
    return {name: Quantity.parse((resources or {})[name]) for name in sorted(resources or ())}


def add_lists(lists: Iterable[Mapping[str, Quantity]]) -> dict[str, Quantity]:
    """The sum of several lists."""
    out: dict[str, Quantity] = {}
    for resources in lists:
        for name, quantity in resources.items():
            out[name] = out[name] + quantity if name in out else quantity
    return out


def max_lists(a: Mapping[str, Quantity], b: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """The larger of two lists, name by name."""
    out = dict(a)
    for name, quantity in b.items():
        if name not in out or out[name] < quantity:
            out[name] = quantity
    return out


def equal_lists(a: ResourceList | None, b: ResourceList | None) -> bool:
    """Equal by value, not by spelling."""
    return parse_list(a) == parse_list(b)


NameCheck = Callable[[str, Path], ErrorList]
Requirements = Mapping[str, Any]
