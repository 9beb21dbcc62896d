"""A profile in the format that `go tool pprof` and flame graph viewers read: gzipped profile.proto."""

from __future__ import annotations

import gzip
from collections.abc import Iterable

from kubern.apimachinery.protobuf.wire import VARINT, sized, tag, varint
from kubern.profiling.sampler import Frame, Profile, Stack


def encode_pprof(profile: Profile) -> bytes:
    """The samples with two values each: how often seen, and that times the period in nanoseconds."""
    writer = _Writer()
    period = int(profile.period * 1e9)
    message = sized(1, writer.value_type("samples", "count")) + sized(1, writer.value_type("cpu", "nanoseconds"))
    for stack, count in profile.stacks.items():
        message += sized(2, writer.sample(stack, (count, count * period)))
    message += b"".join(writer.locations) + b"".join(writer.functions)
    period_type = writer.value_type("cpu", "nanoseconds")
    message += b"".join(sized(6, text.encode()) for text in writer.strings)
    message += _number(9, int(profile.started * 1e9)) + _number(10, int(profile.duration * 1e9))
    message += sized(11, period_type) + _number(12, period)
    return gzip.compress(message)


class _Writer:
    """The tables that samples refer to by number; strings count from 0, the rest from 1."""

    def __init__(self) -> None:
        self.strings: dict[str, int] = {"": 0}
        self.locations: list[bytes] = []
        self.functions: list[bytes] = []
        self._location_ids: dict[Frame, int] = {}
        self._function_ids: dict[tuple[str, str], int] = {}

    def string(self, text: str) -> int:
        return self.strings.setdefault(text, len(self.strings))

    def value_type(self, kind: str, unit: str) -> bytes:
        return _number(1, self.string(kind)) + _number(2, self.string(unit))

    def sample(self, stack: Stack, values: Iterable[int]) -> bytes:
        locations = b"".join(varint(self._location(frame)) for frame in stack)
        return sized(1, locations) + sized(2, b"".join(varint(v) for v in values))

    def _location(self, frame: Frame) -> int:
        number = self._location_ids.get(frame)
        if number is None:
            number = self._location_ids[frame] = len(self._location_ids) + 1
            line = _number(1, self._function(frame)) + _number(2, frame.line)
            self.locations.append(sized(4, _number(1, number) + sized(4, line)))
        return number

    def _function(self, frame: Frame) -> int:
        key = (frame.function, frame.file)
        number = self._function_ids.get(key)
        if number is None:
            number = self._function_ids[key] = len(self._function_ids) + 1
            name = self.string(frame.function)
            body = _number(1, number) + _number(2, name) + _number(3, name) + _number(4, self.string(frame.file))
            self.functions.append(sized(5, body))
        return number


def _number(field: int, value: int) -> bytes:
    return tag(field, VARINT) + varint(value)
