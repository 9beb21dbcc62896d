"""Types of expressions and of values: one immutable `Type` for both, as in cel-go's common/types.

Next: `checker/typing_rules.py` (which type may stand for which), `declarations.py` (functions over types).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class Kind(IntEnum):
    """The shape of a type; the checker branches on it."""

    UNSPECIFIED = 0
    DYN = 1
    ERROR = 2
    ANY = 3
    BOOL = 4
    INT = 5
    UINT = 6
    DOUBLE = 7
    STRING = 8
    BYTES = 9
    NULL = 10
    TIMESTAMP = 11
    DURATION = 12
    LIST = 13
    MAP = 14
    STRUCT = 15
    OPAQUE = 16
    TYPE = 17
    TYPE_PARAM = 18


# A type that doubles with every step of an expression would take the checker for ever.
MAX_PARTS = 1_000


class TypeTooLarge(Exception):
    """An expression's type has more parts than anybody needs."""


class Type:
    """A CEL type. `name` is the run-time name, `params` the element, key/value or opaque parameters.

    `parts` counts the type and all its parameters. Raises TypeTooLarge.
    """

    __slots__ = ("generic", "kind", "name", "params", "parts")

    def __init__(self, kind: Kind, name: str, params: tuple[Type, ...] = ()) -> None:
        self.kind = kind
        self.name = name
        self.params = params
        self.parts: int = 1 + sum(param.parts for param in params)
        if self.parts > MAX_PARTS:
            raise TypeTooLarge
        self.generic: bool = kind is Kind.TYPE_PARAM or any(param.generic for param in params)

    def __repr__(self) -> str:
        return f"<type {format_type(self)}>"

    def __str__(self) -> str:
        if not self.params:
            return self.name
        return f"{self.name}({', '.join(str(param) for param in self.params)})"

    def field(self, name: str) -> Type | None:
        """The type of a struct's field; None when the field is not declared."""
        return None

    @property
    def is_dyn(self) -> bool:
        """Whether anything may stand here."""
        return self.kind is Kind.DYN or self.kind is Kind.ANY


class StructType(Type):
    """A declared object type: its fields by the name an expression uses (escaped where needed)."""

    __slots__ = ("fields",)

    def __init__(self, name: str, fields: Mapping[str, Type] | None = None) -> None:
        super().__init__(Kind.STRUCT, name)
        self.fields: Mapping[str, Type] = {} if fields is None else fields

    def field(self, name: str) -> Type | None:
        return self.fields.get(name)


UNSPECIFIED = Type(Kind.UNSPECIFIED, "")
DYN = Type(Kind.DYN, "dyn")
ERROR = Type(Kind.ERROR, "!error!")
ANY = Type(Kind.ANY, "google.protobuf.Any")
BOOL = Type(Kind.BOOL, "bool")
INT = Type(Kind.INT, "int")
UINT = Type(Kind.UINT, "uint")
DOUBLE = Type(Kind.DOUBLE, "double")
STRING = Type(Kind.STRING, "string")
BYTES = Type(Kind.BYTES, "bytes")
NULL = Type(Kind.NULL, "null_type")
TIMESTAMP = Type(Kind.TIMESTAMP, "google.protobuf.Timestamp")
DURATION = Type(Kind.DURATION, "google.protobuf.Duration")
LIST = Type(Kind.LIST, "list")
MAP = Type(Kind.MAP, "map")
TYPE = Type(Kind.TYPE, "type")
OPTIONAL_NAME = "optional_type"


def list_of(element: Type) -> Type:
    """list<element>"""
    return Type(Kind.LIST, "list", (element,))


def map_of(key: Type, value: Type) -> Type:
    """map<key, value>"""
    return Type(Kind.MAP, "map", (key, value))


def optional_of(value: Type) -> Type:
    """optional_type<value>"""
    return Type(Kind.OPAQUE, OPTIONAL_NAME, (value,))


def opaque(name: str, *params: Type) -> Type:
    """A type known by its name only, such as net.IP."""
    return Type(Kind.OPAQUE, name, params)


def type_of_type(of: Type | None = None) -> Type:
    """The type of a type value, such as that of the identifier `int`."""
    return TYPE if of is None else Type(Kind.TYPE, "type", (of,))


def type_param(name: str) -> Type:
    """A variable of an overload's signature."""
    return Type(Kind.TYPE_PARAM, name)


def is_optional(candidate: Type) -> bool:
    """Whether the type is optional_type<...>."""
    return candidate.kind is Kind.OPAQUE and candidate.name == OPTIONAL_NAME


def unwrap_optional(candidate: Type) -> tuple[Type, bool]:
    """The type inside an optional, and whether there was one."""
    if is_optional(candidate):
        return candidate.params[0], True
    return candidate, False


_FORMATTED = {
    Kind.ANY: "any",
    Kind.ERROR: "!error!",
    Kind.NULL: "null",
    Kind.UNSPECIFIED: "",
}


def format_type(of: Type) -> str:
    """The type as cel-go's checker prints it in messages: `list(int)`, `map(string, dyn)`, `null`."""
    fixed = _FORMATTED.get(of.kind)
    if fixed is not None:
        return fixed
    if not of.params:
        return of.name
    return f"{of.name}({', '.join(format_type(param) for param in of.params)})"
