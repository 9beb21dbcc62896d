"""The fast pass over an object: check types, drop what Go would not keep, bring values to their canonical text.

A walker is made per kind and version, its tables per struct on first use. It handles well-formed objects only:
at anything odd (an unknown field, a wrong type, a null inside a list) it gives up with `Odd`, and `exact.py` decodes
the same object slowly, word for word as kube-apiserver does. Three passes exist:

    decode   after reading a body: nulls and zero values that Go omits go, zero values that Go writes come
    default  the schema's own defaults (`protocol: TCP`)
    encode   before storing: the form that Go writes, null for lists that are empty but not omitted

Next: `exact.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from kubern.apimachinery.schema.defaults import defaults_of
from kubern.apimachinery.schema.gotype import SCALARS, TIMES, GoField, GoType, Kind
from kubern.apimachinery.schema.values import VALUE_CONVERTERS, Convert, Odd, check_int32, check_int64

Object = dict[str, Any]
_SPEAKS_WHEN_EMPTY: Final = "managedFields"
"""A list that is sent empty to say something: forget who owns what. It is kept until the field manager has heard it."""


class _Any:
    """Stands for "more than one class" in the tables; no value has this class."""


_CLASS: Final = {
    Kind.STRING: str,
    Kind.BOOL: bool,
    Kind.INT: int,
    Kind.BYTES: str,
    Kind.STRUCT: dict,
    Kind.MAP: dict,
    Kind.SLICE: list,
    Kind.TIME: str,
    Kind.MICRO_TIME: str,
    Kind.DURATION: str,
}
_OMITTED_WHEN_EMPTY: Final = SCALARS | {Kind.BYTES, Kind.SLICE, Kind.MAP}
_ZERO: Final = {
    Kind.STRING: "",
    Kind.BOOL: False,
    Kind.INT: 0,
    Kind.FLOAT: 0,
    Kind.QUANTITY: "0",
    Kind.INT_OR_STRING: 0,
    Kind.DURATION: "0s",
}


class StructWalker:
    """The compiled passes over one struct."""

    __slots__ = ("_always", "_decode", "_encode", "_written", "type")

    def __init__(self, go_type: GoType) -> None:
        self.type = go_type
        self._decode: dict[str, tuple[type, bool, Convert | None]] | None = None
        self._always: tuple[tuple[str, Callable[[], Any]], ...] = ()
        self._encode: dict[str, tuple[int, Callable[[Any], None] | None]] | None = None
        self._written: tuple[tuple[str, Callable[[], Any]], ...] = ()

    def decode(self, obj: Object) -> None:
        """Check and normalise `obj` in place. Raises Odd, with `obj` then in an undefined state."""
        table = self._decode
        if table is None:
            table = self._compile_decode()
        find = table.get
        dropped: list[str] = []
        for key, value in obj.items():
            entry = find(key)
            if entry is None:
                raise Odd
            cls, keep_zero, convert = entry
            if value.__class__ is cls or (cls is _Any and value is not None):
                if not (value or keep_zero):
                    dropped.append(key)
                elif convert is not None:
                    new = convert(value)
                    if new is not None:
                        obj[key] = new
            elif value is None:
                dropped.append(key)
            else:
                raise Odd
        for key in dropped:
            del obj[key]
        for key, make in self._always:
            if key not in obj:
                obj[key] = make()

    def zero(self) -> Object:
        """The struct with nothing set, as decoding leaves it."""
        if self._decode is None:
            self._compile_decode()
        return {key: make() for key, make in self._always}

    def encoded_zero(self) -> Object:
        """The struct with nothing set, as it is written."""
        if self._encode is None:
            self._compile_encode()
        return {key: make() for key, make in self._written}

    def nulls(self) -> frozenset[str]:
        """The fields that are written as null when not set, and that decoding leaves out."""
        written = self.encoded_zero()
        return frozenset(name for name in written.keys() - self.zero().keys() if written[name] is None)

    def encode(self, obj: Object) -> None:
        """Bring `obj` in place to the form that Go writes."""
        table = self._encode
        if table is None:
            table = self._compile_encode()
        find = table.get
        dropped: list[str] = []
        for key, value in obj.items():
            if value:
                if value.__class__ is dict or value.__class__ is list:
                    walk = find(key, _NOTHING)[1]
                    if walk is not None:
                        walk(value)
                continue
            mode, walk = find(key, _NOTHING)
            if mode == _NULL:
                obj[key] = None
            elif mode == _DROP or (mode == _DROP_NONE and value is None):
                dropped.append(key)
            if walk is not None and value is not None:
                walk(value)
        for key in dropped:
            del obj[key]
        for key, make in self._written:
            if key not in obj:
                obj[key] = make()

    def default(self, obj: Object) -> None:
        """Set the schema's defaults in place, where fields are not set."""
        defaults_of(self.type).apply(obj)

    def _compile_decode(self) -> dict[str, tuple[type, bool, Convert | None]]:
        table: dict[str, tuple[type, bool, Convert | None]] = {}
        always: list[tuple[str, Callable[[], Any]]] = []
        for name, field in self.type.fields.items():
            kind = field.type.kind
            cls = _CLASS.get(kind, _Any)
            keep_zero = not field.omit_zero or kind not in _OMITTED_WHEN_EMPTY or name == _SPEAKS_WHEN_EMPTY
            convert = _converter(field.type)
            if name == "metadata" and "kind" not in self.type.fields and _SPEAKS_WHEN_EMPTY in field.type.fields:
                convert = _metadata_of_template(walker_of(field.type).decode)
            table[name] = (cls, keep_zero, convert)
            if field.always and not (field.null_zero and kind not in (Kind.SLICE, Kind.MAP)):
                always.append((name, _zero_maker(field.type)))
        self._always = tuple(always)
        self._decode = table
        return table

    def _compile_encode(self) -> dict[str, tuple[int, Callable[[Any], None] | None]]:
        self._encode = {name: (_mode(field), _encoder(field.type)) for name, field in self.type.fields.items()}
        self._written = tuple((name, _encoded_zero(field)) for name, field in self.type.fields.items() if field.always)
        return self._encode


_DROP, _KEEP, _NULL, _DROP_NONE = range(4)
_NOTHING: Final = (_KEEP, None)
"""What encoding does with a field that the type does not know."""


def _mode(field: GoField) -> int:
    """What encoding does with a falsy value of a field."""
    kind = field.type.kind
    if field.always and field.null_zero:
        return _NULL if kind in _OMITTED_WHEN_EMPTY - SCALARS or kind in TIMES else _KEEP
    if field.omit_zero:
        return _DROP
    return _DROP_NONE


def walker_of(go_type: GoType) -> StructWalker:
    """The walker of a struct type, kept on the type."""
    if go_type.walkers is None:
        go_type.walkers = StructWalker(go_type)
    return go_type.walkers  # type: ignore[no-any-return]


def _zero_maker(go_type: GoType) -> Callable[[], Any]:
    if go_type.kind is Kind.STRUCT:
        return walker_of(go_type).zero
    if go_type.kind is Kind.SLICE:
        return list
    if go_type.kind is Kind.MAP:
        return dict
    zero = _ZERO.get(go_type.kind)
    return lambda: zero


def _encoded_zero(field: GoField) -> Callable[[], Any]:
    if field.null_zero:
        return lambda: None
    if field.type.kind is Kind.STRUCT:
        return walker_of(field.type).encoded_zero
    return _zero_maker(field.type)


def _converter(go_type: GoType) -> Convert | None:
    """What decoding does with a value of the right class; None when nothing is to be done."""
    kind = go_type.kind
    if kind is Kind.STRUCT:
        return walker_of(go_type).decode
    if kind is Kind.SLICE:
        return _slice_converter(go_type.element)
    if kind is Kind.MAP:
        return _map_converter(go_type.element)
    if kind is Kind.INT:
        return check_int32 if go_type.schema.format == "int32" else check_int64
    if kind in (Kind.PROPS_OR_BOOL, Kind.PROPS_OR_ARRAY, Kind.PROPS_OR_STRINGS):
        return _union_converter(go_type)
    return VALUE_CONVERTERS.get(kind)


def _metadata_of_template(decode: Callable[[Object], None]) -> Convert:
    """Metadata of what is no object itself: nobody owns its fields, so that no list of owners says nothing."""

    def convert(metadata: Object) -> None:
        decode(metadata)
        if metadata.get(_SPEAKS_WHEN_EMPTY) == []:
            del metadata[_SPEAKS_WHEN_EMPTY]

    return convert


def _slice_converter(element: GoType) -> Convert | None:
    cls = _CLASS.get(element.kind, _Any)
    if element.kind is Kind.RAW:
        return None
    if element.kind is Kind.STRUCT:
        decode = walker_of(element).decode

        def walk_structs(items: list[Any]) -> None:
            for item in items:
                if item.__class__ is not dict:
                    raise Odd
                decode(item)

        return walk_structs
    nullable = element.kind in TIMES

    def walk_items(items: list[Any]) -> None:
        convert = _converter(element)
        for index, item in enumerate(items):
            if item is None and nullable:
                continue
            if item.__class__ is not cls and (cls is not _Any or item is None):
                raise Odd
            new = convert(item) if convert is not None else None
            if new is not None:
                items[index] = new

    return walk_items


def _walk_string_map(values: dict[str, Any]) -> None:
    for value in values.values():
        if value.__class__ is not str:
            raise Odd


def _map_converter(element: GoType) -> Convert | None:
    if element.kind is Kind.STRING:
        return _walk_string_map
    if element.kind is Kind.RAW:
        return None
    cls = _CLASS.get(element.kind, _Any)
    nullable = element.kind in TIMES

    def walk_map(values: dict[str, Any]) -> None:
        convert = _converter(element)
        for key, value in values.items():
            if value is None and nullable:
                continue
            if value.__class__ is not cls and (cls is not _Any or value is None):
                raise Odd
            new = convert(value) if convert is not None else None
            if new is not None:
                values[key] = new

    return walk_map


def _union_converter(go_type: GoType) -> Convert:
    """Values that are a JSON schema or something simpler (apiextensions' JSONSchemaPropsOr...)."""
    kind = go_type.kind

    def walk(value: Any) -> None:
        if value.__class__ is dict:
            _props_walker(go_type).decode(value)
        elif kind is Kind.PROPS_OR_BOOL:
            if value.__class__ is not bool:
                raise Odd
        elif value.__class__ is not list:
            raise Odd
        elif kind is Kind.PROPS_OR_ARRAY:
            for item in value:
                if item.__class__ is not dict:
                    raise Odd
                _props_walker(go_type).decode(item)
        elif any(item.__class__ is not str for item in value):
            raise Odd

    return walk


def _props_walker(go_type: GoType) -> StructWalker:
    from kubern.apimachinery.schema.gotype import PROPS_NAME
    from kubern.apimachinery.schema.gotype import go_type as type_of

    assert go_type.schema.resolve is not None
    return walker_of(type_of(go_type.schema.resolve(PROPS_NAME)))


def _encoder(go_type: GoType) -> Callable[[Any], None] | None:
    """What encoding does below a value; None when nothing."""
    kind = go_type.kind
    if kind is Kind.STRUCT:
        return walker_of(go_type).encode
    if kind in (Kind.SLICE, Kind.MAP) and go_type.element.kind in (Kind.STRUCT, Kind.SLICE, Kind.MAP):
        element = go_type.element
        values: Callable[[Any], Any] = iter if kind is Kind.SLICE else dict.values

        def walk(items: Any) -> None:
            encode = _encoder(element)
            if encode is not None:
                for item in values(items):
                    if item is not None:
                        encode(item)

        return walk
    return None
