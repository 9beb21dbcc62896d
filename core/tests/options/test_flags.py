"""Every flag of kube-apiserver 1.36 is there, in its section, with its type and default."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import pytest

from kubern.contributions import FlagSection
from kubern.options.collect import DuplicateFlag, collect_flags
from kubern.options.help import section_help
from kubern.options.section import Flag, flag, section_flags
from kubern.options.values import Duration
from kubern.plugins import build_plugin_manager

TABLE = Path(__file__).with_name("flags-1.36.tsv")
ROWS = list(csv.DictReader(TABLE.read_text().splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def flags() -> dict[str, Flag]:
    return collect_flags(build_plugin_manager().flag_sections())


@pytest.mark.parametrize("row", ROWS, ids=[row["flag"] for row in ROWS])
def test_flag_is_as_in_kube_apiserver(row: dict[str, str], flags: dict[str, Flag]) -> None:
    """Section, type, default and deprecation agree with the table."""
    declared = flags[row["flag"]]
    assert declared.section == row["section"].lower()
    assert declared.type.name == row["type"]
    shown = f'"{declared.default_text}"' if declared.default_text and row["type"] == "string" else declared.default_text
    assert shown == ("" if row["default"] == "[]" else row["default"] or "")
    assert ("deprecated" in declared.metadata) == (row["note"] == "deprecated")


def test_every_flag_has_help(flags: dict[str, Flag]) -> None:
    """Help is the docstring below the field, one or more sentences."""
    assert [name for name, declared in flags.items() if not declared.help.endswith(".")] == []


def test_help_is_wrapped_to_the_width() -> None:
    """No line of help is wider than asked, words and flags' names stay whole."""
    for section in build_plugin_manager().flag_sections():
        assert max(map(len, section_help(section, 72).splitlines())) <= 72


def test_flags_come_from_fields() -> None:
    """Name, type, default and notes are written once, on the field."""

    @dataclasses.dataclass
    class Greeter:
        greeting: str = "hello"
        """What to say."""
        greeting_interval: Duration = flag(30, deprecated="say it once")
        """How often."""

    greeting, interval = section_flags("greeter", Greeter)
    assert (greeting.name, greeting.default_text, greeting.help) == ("greeting", "hello", "What to say.")
    assert (interval.name, interval.default_text) == ("greeting-interval", "30s")
    assert interval.metadata == {"deprecated": "say it once"}


def test_one_flag_in_two_sections_names_both() -> None:
    """Two sections cannot declare the same flag."""

    @dataclasses.dataclass
    class One:
        greeting: str = ""

    @dataclasses.dataclass
    class Two:
        greeting: str = ""

    with pytest.raises(DuplicateFlag, match="--greeting is declared by sections 'one' and 'two'"):
        collect_flags([FlagSection("one", 1, One), FlagSection("two", 2, Two)])
