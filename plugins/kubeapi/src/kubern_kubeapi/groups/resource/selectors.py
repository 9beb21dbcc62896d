"""CEL expressions that choose devices (upstream: dynamic-resource-allocation/cel).

Next: `requests.py` and `deviceclass.py`, which have such expressions.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern_kubeapi.groups.resource.limits import MAX_DOMAIN_LENGTH, MAX_ID_LENGTH, validate_list

if TYPE_CHECKING:
    from kubern.cel.cost.schema_sizes import SchemaSizes
    from kubern.cel.env import Env

Object = dict[str, Any]

MAX_SELECTORS: Final = 32
MAX_EXPRESSION_LENGTH: Final = 10 * 1024
MAX_COST: Final = 1_000_000
MAX_ATTRIBUTES_AND_CAPACITIES: Final = 32
MAX_ATTRIBUTE_LENGTH: Final = 64


def validate_selectors(selectors: list[Object] | None, path: Path) -> ErrorList:
    """Expressions that compile and are not too costly."""
    return validate_list(selectors, MAX_SELECTORS, _validate_selector, path)


def _validate_selector(selector: Object, path: Path) -> ErrorList:
    if selector.get("cel") is None:
        return [field.required(path.child("cel"))]
    text, at = selector["cel"].get("expression", ""), path.child("cel", "expression")
    if len(text.encode()) > MAX_EXPRESSION_LENGTH:
        return [field.too_long(at, "", MAX_EXPRESSION_LENGTH)]
    return _validate_expression(text, at)


def _validate_expression(text: str, path: Path) -> ErrorList:
    from kubern.cel.errors import CompileErrors
    from kubern.cel.types import Kind

    env, sizes = _environment()
    try:
        program = env.compile(text)
    except CompileErrors as error:
        return [field.invalid(path, text, f"compilation failed: {error}")]
    given = program.output_type
    if given.kind not in (Kind.BOOL, Kind.ANY):
        return [field.invalid(path, text, f"must evaluate to bool or the unknown type, not {given}")]
    if program.estimate_cost(sizes).high > MAX_COST:
        return [field.forbidden(path, "too complex, exceeds cost limit")]
    return []


@lru_cache(maxsize=1)
def _environment() -> tuple[Env, SchemaSizes]:
    from kubern.cel import types
    from kubern.cel.cost.schema_sizes import SchemaSizes
    from kubern.cel.kubernetes import base_env
    from kubern.cel.library.bindings import bindings_library
    from kubern.cel.library.quantity import QUANTITY
    from kubern.cel.schema import DeclField, DeclType, object_decl, simple_decl

    def map_of(element: DeclType, key_length: int) -> DeclType:
        """Expressions are only compiled here, so that values need no wrapping."""
        key = simple_decl(types.STRING, max_elements=key_length)
        declared = types.map_of(types.STRING, element.cel_type)
        return DeclType(declared, max_elements=MAX_ATTRIBUTES_AND_CAPACITIES, min_size=2, element=element, key=key)

    attribute = simple_decl(types.ANY, max_elements=MAX_ATTRIBUTE_LENGTH)
    fields = {
        "driver": simple_decl(types.STRING, max_elements=MAX_DOMAIN_LENGTH),
        "attributes": map_of(map_of(attribute, MAX_ID_LENGTH), MAX_DOMAIN_LENGTH),
        "capacity": map_of(map_of(simple_decl(QUANTITY), MAX_ID_LENGTH), MAX_DOMAIN_LENGTH),
        "allowMultipleAllocations": simple_decl(types.BOOL),
    }
    device = object_decl(
        "kubernetes.DRADevice", {name: DeclField(name, declared, required=True) for name, declared in fields.items()}
    )
    return base_env().extend(variables={"device": device}, libraries=(bindings_library(),)), SchemaSizes(device)
