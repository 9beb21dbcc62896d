"""The text of an expression: locations of offsets and the lines shown in messages (cel-go's common.Source).

Next: `errors.py` prints issues with it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

MAX_SNIPPET_LENGTH = 16384


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in the source: line from 1, column from 0; NO_LOCATION stands for none."""

    line: int
    column: int


NO_LOCATION = Location(-1, -1)


class Source:
    """An expression's text with lazily computed line starts."""

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] | None = None

    def location(self, offset: int) -> Location:
        """The line and column of a code point offset."""
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        return Location(line, offset - starts[line - 1])

    def snippet(self, line: int) -> str | None:
        """The text of a line, None when there is no such line."""
        starts = self._line_starts()
        if line < 1 or line > len(starts):
            return None
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end]

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            starts = [0]
            position = self.text.find("\n")
            while position >= 0:
                starts.append(position + 1)
                position = self.text.find("\n", position + 1)
            self._starts = starts
        return self._starts


def caret_lines(source: Source, location: Location) -> str:
    """The source line and the caret below it, each on a line of its own; empty when not shown."""
    line = source.snippet(location.line)
    if line is None or len(line) > MAX_SNIPPET_LENGTH:
        return ""
    shown = line.replace("\t", " ")
    # cel-go takes every character of more than one UTF-8 byte for a wide one.
    dots = "".join("." if char < "\x80" else "．" for char in shown[: location.column])
    caret = "^" if shown[location.column : location.column + 1] < "\x80" else "＾"
    return f"\n | {shown}\n | {dots}{caret}"
