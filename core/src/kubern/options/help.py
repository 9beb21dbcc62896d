"""Help for flags: one block of text per section, wrapped to a width. Next: `../cli.py`, which prints them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kubern.options.pending import PENDING
from kubern.options.section import section_flags

if TYPE_CHECKING:
    from kubern.contributions import FlagSection
    from kubern.options.section import Flag

INDENT = " " * 6


def section_title(section: FlagSection) -> str:
    """`Secure serving flags` and the like."""
    return f"{section.name[0].upper()}{section.name[1:]} flags"


def section_help(section: FlagSection, width: int) -> str:
    """The section's flags, each with its type, default and wrapped help."""
    return "\n".join(flag_help(flag, width) for flag in section_flags(section.name, section.options))


def flag_help(flag: Flag, width: int) -> str:
    """One flag: a line with name and type, below it the indented help."""
    shorthand = flag.metadata.get("shorthand")
    name = f"-{shorthand}, --{flag.name}" if shorthand else f"--{flag.name}"
    kind = "" if flag.type.name == "bool" else f" {flag.type.name}"
    lines = textwrap.wrap(
        full_help(flag), max(width, 40), initial_indent=INDENT, subsequent_indent=INDENT,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return "\n".join([f"  {name}{kind}", *lines])


def full_help(flag: Flag) -> str:
    """A flag's help with its default and notes."""
    parts = [flag.help, *notes(flag)]
    if flag.default_text:
        shown = f'"{flag.default_text}"' if flag.type.name == "string" else flag.default_text
        parts.append(f"(default {shown})")
    return " ".join(part for part in parts if part)


def notes(flag: Flag) -> Iterable[str]:
    """What is worth knowing beyond the help: no effect, deprecated."""
    if flag.name in PENDING:
        yield "No effect yet."
    if "no_effect" in flag.metadata:
        yield f"No effect: {flag.metadata['no_effect']}."
    if "deprecated" in flag.metadata:
        yield f"Deprecated: {flag.metadata['deprecated']}."
