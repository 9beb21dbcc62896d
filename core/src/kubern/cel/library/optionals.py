"""Optional values: optional.of(), .?field, [?key], optMap() and their kin (cel-go's OptionalTypes).

Next: `../runtime/access.py` reads through optionals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.cel.ast import Bind, Call, Ident, Node, Shared
from kubern.cel.declarations import Function, Library, member, overload
from kubern.cel.errors import CelError
from kubern.cel.runtime.access import optional_index
from kubern.cel.runtime.values import NO_VALUE, OptionalValue, Value
from kubern.cel.types import (
    BOOL,
    DYN,
    INT,
    STRING,
    list_of,
    map_of,
    opaque,
    optional_of,
    type_param,
)

if TYPE_CHECKING:
    from kubern.cel.parser.macros import Macro
    from kubern.cel.parser.parser import Parser

_V = type_param("V")
_K = type_param("K")
_OPTIONAL = optional_of(_V)
_LIST = list_of(_V)
_MAP = map_of(_K, _V)


def _of(value: Any) -> OptionalValue:
    return OptionalValue(True, value)


def _none() -> OptionalValue:
    return NO_VALUE


def is_zero(value: Any) -> bool:
    """Whether the value is the empty one of its type."""
    if isinstance(value, Value):
        return value.is_zero()
    return not value


def _of_non_zero(value: Any) -> OptionalValue:
    return NO_VALUE if is_zero(value) else OptionalValue(True, value)


def _has_value(optional: OptionalValue) -> bool:
    return optional.present


def _value(optional: OptionalValue) -> Any:
    if not optional.present:
        raise CelError("optional.none() dereference")
    return optional.value


def _or(optional: OptionalValue, other: OptionalValue) -> OptionalValue:
    return optional if optional.present else other


def _or_value(optional: OptionalValue, other: Any) -> Any:
    return optional.value if optional.present else other


def _first(items: Any) -> OptionalValue:
    return OptionalValue(True, items[0]) if len(items) else NO_VALUE


def _last(items: Any) -> OptionalValue:
    return OptionalValue(True, items[len(items) - 1]) if len(items) else NO_VALUE


def _unwrap(items: Any) -> list[Any]:
    return [item.value for item in items if item.present]


def _optional_macro(name: str, wrapped: bool) -> Macro:
    """target.hasValue() ? (bind the value, transform it) : optional.none()"""

    def expand(parser: Parser, pos: int, target: Node | None, args: list[Node]) -> Node | None:
        if target is None:
            return None
        variable = args[0]
        if not isinstance(variable, Ident):
            return parser.report(variable.pos, f"{name}() variable name must be a simple identifier")
        target = Shared(target)
        transformed: Node = Bind(pos, variable.name, Call(pos, "value", target, []), args[1])
        if wrapped:
            transformed = Call(pos, "optional.of", None, [transformed])
        present = Call(pos, "hasValue", target, [])
        return Call(pos, "_?_:_", None, [present, transformed, Call(pos, "optional.none", None, [])])

    return expand


def _index_functions() -> tuple[Function, ...]:
    return (
        Function("_?._", overload("select_optional_field", (DYN, STRING), _OPTIONAL, optional_index)),
        Function(
            "_[?_]",
            overload("list_optindex_optional_int", (_LIST, INT), _OPTIONAL, optional_index),
            overload("optional_list_optindex_optional_int", (optional_of(_LIST), INT), _OPTIONAL, optional_index),
            overload("map_optindex_optional_value", (_MAP, _K), _OPTIONAL, optional_index),
            overload("optional_map_optindex_optional_value", (optional_of(_MAP), _K), _OPTIONAL, optional_index),
        ),
        Function(
            "_[_]",
            overload("optional_list_index_int", (optional_of(_LIST), INT), _OPTIONAL, optional_index),
            overload("optional_map_index_value", (optional_of(_MAP), _K), _OPTIONAL, optional_index),
        ),
    )


def optionals_library() -> Library:
    """Optional values with their macros and the optional syntax."""
    return Library(
        name="optionals",
        functions=(
            Function("optional.of", overload("optional_of", (_V,), _OPTIONAL, _of)),
            Function("optional.ofNonZeroValue", overload("optional_ofNonZeroValue", (_V,), _OPTIONAL, _of_non_zero)),
            Function("optional.none", overload("optional_none", (), _OPTIONAL, _none)),
            Function("value", member("optional_value", (_OPTIONAL,), _V, _value)),
            Function("hasValue", member("optional_hasValue", (_OPTIONAL,), BOOL, _has_value)),
            Function("or", member("optional_or_optional", (_OPTIONAL, _OPTIONAL), _OPTIONAL, _or)),
            Function("orValue", member("optional_orValue_value", (_OPTIONAL, _V), _V, _or_value)),
            *_index_functions(),
            Function("first", member("list_first", (_LIST,), _OPTIONAL, _first)),
            Function("last", member("list_last", (_LIST,), _OPTIONAL, _last)),
            Function("optional.unwrap", overload("optional_unwrap", (list_of(_OPTIONAL),), _LIST, _unwrap)),
            Function("unwrapOpt", member("optional_unwrapOpt", (list_of(_OPTIONAL),), _LIST, _unwrap)),
        ),
        macros={
            ("optMap", 2, True): _optional_macro("optMap", wrapped=True),
            ("optFlatMap", 2, True): _optional_macro("optFlatMap", wrapped=False),
        },
        types=(opaque("optional_type", _V),),
    )
