"""The command line read as pflag reads it: --flag=value, --flag value, --bool, -v4, --a-b as --a_b.

Next: `sources.py` for the other places a flag's value can come from, then `collect.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubern.options.section import Flag


@dataclasses.dataclass(frozen=True, slots=True)
class Assignment:
    """A value given to a flag, as text, and where it was given."""

    flag: Flag
    text: str
    origin: str


COMMAND_LINE = "command line"


class CommandLine:
    """The result of reading arguments: assignments in order, and a problem for everything not understood."""

    def __init__(self) -> None:
        self.assignments: list[Assignment] = []
        self.problems: list[str] = []


def parse_arguments(arguments: Sequence[str], flags: Mapping[str, Flag]) -> CommandLine:
    """Read `arguments` with `flags` by name; never raises, everything wrong becomes a problem."""
    result = CommandLine()
    shorthands = {flag.metadata["shorthand"]: flag for flag in flags.values() if "shorthand" in flag.metadata}
    rest = list(reversed(arguments))
    while rest:
        argument = rest.pop()
        if argument == "--":
            result.problems += [f"unexpected argument {text!r}: flags only" for text in reversed(rest)]
            break
        if argument.startswith("--"):
            _read_long(argument[2:], rest, flags, result)
        elif argument.startswith("-") and len(argument) > 1:
            _read_short(argument[1:], rest, shorthands, result)
        else:
            result.problems.append(f"unexpected argument {argument!r}: flags only")
    return result


def _read_long(argument: str, rest: list[str], flags: Mapping[str, Flag], result: CommandLine) -> None:
    name, has_value, value = argument.partition("=")
    flag = flags.get(name.replace("_", "-"))
    if flag is None:
        result.problems.append(unknown_flag(name, flags))
        if not has_value and rest and not rest[-1].startswith("-"):
            rest.pop()  # most likely the unknown flag's value: not worth a second message
        return
    if has_value:
        result.assignments.append(Assignment(flag, value, COMMAND_LINE))
    else:
        _take_value(flag, f"--{flag.name}", rest, result)


def _read_short(argument: str, rest: list[str], shorthands: Mapping[str, Flag], result: CommandLine) -> None:
    flag = shorthands.get(argument[0])
    if flag is None:
        result.problems.append(f"unknown shorthand flag: {argument[0]!r} in -{argument}")
        return
    value = argument[1:].removeprefix("=")
    if value or len(argument) > 1:
        result.assignments.append(Assignment(flag, value, COMMAND_LINE))
    else:
        _take_value(flag, f"-{argument[0]}", rest, result)


def _take_value(flag: Flag, shown: str, rest: list[str], result: CommandLine) -> None:
    bare = flag.type.bare
    if bare is not None:
        result.assignments.append(Assignment(flag, bare, COMMAND_LINE))
    elif rest:
        result.assignments.append(Assignment(flag, rest.pop(), COMMAND_LINE))
    else:
        result.problems.append(f"flag needs an argument: {shown}")


def unknown_flag(name: str, flags: Mapping[str, Flag]) -> str:
    """The problem of a flag that does not exist, with the likeliest one that does."""
    import difflib

    close = difflib.get_close_matches(name.replace("_", "-"), flags, n=1, cutoff=0.6)
    return f"unknown flag: --{name}" + (f" (did you mean --{close[0]}?)" if close else "")
