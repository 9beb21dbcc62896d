"""All sections' flags together, and Options made from the places their values come from. Next: `options.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubern.contributions import FlagSection
from kubern.options.kubern import KubernOptions
from kubern.options.options import Options
from kubern.options.parse import Assignment, parse_arguments
from kubern.options.pending import PENDING
from kubern.options.section import Flag, section_flags
from kubern.options.sources import read_environment, read_file


class DuplicateFlag(Exception):
    """Two sections declare one flag."""


def collect_flags(sections: Iterable[FlagSection]) -> dict[str, Flag]:
    """Every flag by name, in the order of help. Raises DuplicateFlag naming both sections."""
    flags: dict[str, Flag] = {}
    for section in sections:
        for flag in section_flags(section.name, section.options):
            other = flags.setdefault(flag.name, flag)
            if other is not flag:
                raise DuplicateFlag(
                    f"flag --{flag.name} is declared by sections {other.section!r} and {section.name!r}"
                )
    return flags


def read_options(sections: Sequence[FlagSection], arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Options from the command line, the environment and --config; what is wrong is kept in `Options.problems`."""
    flags = collect_flags(sections)
    command_line = parse_arguments(arguments, flags)
    problems = list(command_line.problems)
    from_environment = read_environment(environment, flags)
    assignments = from_environment + command_line.assignments
    path = next((a.text for a in reversed(assignments) if a.flag.name == "config"), "")
    if path:
        from_file, file_problems = read_file(path, flags)
        assignments = from_file + assignments
        problems += file_problems
    return build_options(sections, assignments, problems)


def plugin_choice(arguments: Sequence[str], environment: Mapping[str, str]) -> KubernOptions:
    """The flags that say which plugins to load, read before the plugins' own flags are known."""
    section = FlagSection("kubern", 0, KubernOptions)
    return read_options([section], arguments, environment).section(KubernOptions)


def build_options(
    sections: Sequence[FlagSection], assignments: Iterable[Assignment], problems: Iterable[str] = ()
) -> Options:
    """Options from assignments ordered by rising precedence; values of one place join, a later place replaces."""
    kept = list(problems)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    owners: dict[str, Flag] = {}
    for assignment in assignments:
        flag = assignment.flag
        try:
            value = flag.type.parse(assignment.text)
        except ValueError as error:
            kept.append(f"--{flag.name}: invalid value {assignment.text!r}: {error}")
            continue
        join = flag.type.join
        if join is not None and origins.get(flag.name) == assignment.origin:
            value = join(values[flag.name], value)
        values[flag.name], origins[flag.name], owners[flag.name] = value, assignment.origin, flag
    given: dict[str, dict[str, Any]] = {section.name: {} for section in sections}
    for name, flag in owners.items():
        given[flag.section][flag.field] = values[name]
    instances = {section.name: section.options(**given[section.name]) for section in sections}
    return Options(instances, origins, kept, _notes(owners.values()))


def _notes(flags: Iterable[Flag]) -> list[str]:
    """A warning for each deprecated or ineffective flag that was given."""
    notes = []
    for flag in flags:
        if "deprecated" in flag.metadata:
            notes.append(f"--{flag.name} is deprecated: {flag.metadata['deprecated']}")
        if flag.name in PENDING:
            notes.append(f"--{flag.name} has no effect yet")
        if "no_effect" in flag.metadata:
            notes.append(f"--{flag.name} has no effect: {flag.metadata['no_effect']}")
    return notes
