"""What can go wrong with an expression, and how it is printed.

    CelFailure
    ├── CompileErrors        does not parse or type-check: all issues, printed as cel-go prints them
    └── EvaluationError      ends an evaluation
        ├── CelError         an error value of the language; `&&`, `||` and the macros may absorb it
        └── Cancelled        the evaluation was stopped: cost limit, time; nothing absorbs it
            └── CostLimitExceeded

Next: `program.py` raises the second family, `env.py` the first.
"""

from __future__ import annotations

from dataclasses import dataclass

from kubern.cel.source import NO_LOCATION, Location, Source, caret_lines

MAX_REPORTED = 100


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem at one place."""

    location: Location
    message: str

    def display(self, source: Source) -> str:
        """`ERROR: <input>:1:5: undefined field 'x'` with the source line and a caret."""
        place = self.location
        text = f"ERROR: <input>:{place.line}:{place.column + 1}: {self.message}"
        return text if place == NO_LOCATION else text + caret_lines(source, place)


class CelFailure(Exception):
    """Any failure of an expression."""


class CompileErrors(CelFailure):
    """The issues of an expression that does not compile; `str()` is cel-go's `issues.String()`."""

    def __init__(self, source: Source, issues: list[Issue]) -> None:
        self.source = source
        # The first ones reported, in the order of the source.
        self.issues = sorted(issues[:MAX_REPORTED], key=lambda issue: issue.location)
        self._truncated = len(issues) - len(self.issues)
        super().__init__(self.display())

    def display(self) -> str:
        """All issues in source order, joined by newlines; at most 100 of them."""
        lines = [issue.display(self.source) for issue in self.issues]
        if self._truncated:
            lines.append(f"{self._truncated} more errors were truncated")
        return "\n".join(lines)


class EvaluationError(CelFailure):
    """An evaluation that gave no value. `cost` is what it had cost until then."""

    cost: int = 0


class CelError(EvaluationError):
    """An error value; the message is the one cel-go gives."""


class Cancelled(EvaluationError):
    """An evaluation stopped from outside; the operators do not absorb it."""


class CostLimitExceeded(Cancelled):
    """The run-time cost went over the limit."""

    def __init__(self) -> None:
        super().__init__("operation cancelled: actual cost limit exceeded")


class Interrupted(Cancelled):
    """The evaluation took too long for what it cost."""

    def __init__(self) -> None:
        super().__init__("operation interrupted")


def no_such_overload() -> CelError:
    """A function met a value of a type it does not take."""
    return CelError("no such overload")


def no_such_key(key: object) -> CelError:
    """A map or an object has no such entry."""
    return CelError(f"no such key: {format_key(key)}")


def format_key(key: object) -> str:
    """A key as Go's %v prints it."""
    if key is True:
        return "true"
    if key is False:
        return "false"
    if isinstance(key, float) and key.is_integer() and abs(key) < 1e21:
        return str(int(key))
    return str(key)
