"""Struct layouts out of a Go program: every field's name, tag and type, read from its reflection data.

Works on Linux amd64 executables that are not position independent, such as released kubectl binaries. The data
is laid out as in Go's internal/abi package. Used by `build_protobuf_fields.py`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BOOL, INT64, FLOAT64, STRING = 1, 6, 14, 24
_ARRAY, _MAP, _POINTER, _SLICE, _STRUCT = 17, 21, 22, 23, 25
POINTER, SLICE, MAP, STRUCT = _POINTER, _SLICE, _MAP, _STRUCT
_UNCOMMON = 1
_STAR = 2


@dataclass(frozen=True, slots=True)
class Field:
    """`kind` is Go's reflect.Kind of the field's type."""

    name: str
    tag: str
    kind: int
    embedded: bool


class GoBinary:
    """Access by virtual address to the parts of an executable that hold types."""

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        self._sections = self._read_sections()
        self._types = self._sections[".rodata"][0]

    def structs(self) -> Iterator[tuple[str, str, list[Field]]]:
        """Package path, name and fields of every named struct."""
        seen: set[int] = set()
        address, offset, size = self._sections[".typelink"]
        del address
        todo = [self._types + struct.unpack_from("<i", self._data, offset + at)[0] for at in range(0, size, 4)]
        while todo:
            type_address = todo.pop()
            if type_address in seen or not self._is_mapped(type_address):
                continue
            seen.add(type_address)
            kind, flags = self._kind(type_address)
            if kind in (_POINTER, _SLICE, _ARRAY):
                todo.append(self._u64(type_address + 48))
            elif kind == _MAP:
                todo += [self._u64(type_address + 48), self._u64(type_address + 56)]
            elif kind == _STRUCT:
                fields, types = self._fields(type_address)
                todo += types
                if flags & _UNCOMMON:
                    package = self._name(self._types + self._i32(type_address + 80))[0]
                    yield package, self._type_name(type_address, flags).rpartition(".")[2], fields

    def _fields(self, address: int) -> tuple[list[Field], list[int]]:
        first, count = self._u64(address + 56), self._u64(address + 64)
        fields, types = [], []
        for at in range(first, first + 24 * count, 24):
            name, tag, embedded = self._name(self._u64(at))
            types.append(self._u64(at + 8))
            fields.append(Field(name, tag, self._kind(types[-1])[0], embedded))
        return fields, types

    def _kind(self, address: int) -> tuple[int, int]:
        offset = self._offset(address)
        return self._data[offset + 23] & 31, self._data[offset + 20]

    def _type_name(self, address: int, flags: int) -> str:
        name = self._name(self._types + self._i32(address + 40))[0]
        return name[1:] if flags & _STAR else name

    def _name(self, address: int) -> tuple[str, str, bool]:
        offset = self._offset(address)
        flags = self._data[offset]
        name, offset = self._text(offset + 1)
        tag = self._text(offset)[0] if flags & 2 else ""
        return name, tag, bool(flags & 8)

    def _text(self, offset: int) -> tuple[str, int]:
        length = shift = 0
        while True:
            byte = self._data[offset]
            offset += 1
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return self._data[offset : offset + length].decode(), offset + length

    def _u64(self, address: int) -> int:
        value: int = struct.unpack_from("<Q", self._data, self._offset(address))[0]
        return value

    def _i32(self, address: int) -> int:
        value: int = struct.unpack_from("<i", self._data, self._offset(address))[0]
        return value

    def _is_mapped(self, address: int) -> bool:
        start, _, size = self._sections[".rodata"]
        return start <= address < start + size

    def _offset(self, address: int) -> int:
        start, offset, _ = self._sections[".rodata"]
        return address - start + offset

    def _read_sections(self) -> dict[str, tuple[int, int, int]]:
        """Section name to address, file offset and size."""
        data = self._data
        table, entry_size, count, names_index = (
            struct.unpack_from("<Q", data, 0x28)[0],
            *struct.unpack_from("<HHH", data, 0x3A),
        )
        entries = [struct.unpack_from("<IIQQQQ", data, table + n * entry_size) for n in range(count)]
        names = entries[names_index][4]
        out = {}
        for name, _, _, address, offset, size in entries:
            end = data.index(b"\0", names + name)
            out[data[names + name : end].decode()] = (address, offset, size)
        return out
