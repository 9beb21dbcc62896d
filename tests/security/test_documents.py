"""docs/security.md names the tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
TABLE = (HERE.parents[1] / "docs" / "security.md").read_text()


def test_every_named_test_exists_and_every_test_is_named() -> None:
    """So that the table of vulnerabilities says what is tested."""
    tests = set(re.findall(r"^def (test_cve_\w+)", "\n".join(p.read_text() for p in HERE.glob("*.py")), re.MULTILINE))
    assert set(re.findall(r"`(test_cve_\w+)`", TABLE)) == tests


def test_the_lines_name_the_cves_of_their_tests() -> None:
    """A test's name has the number of each line that names it."""
    for line in TABLE.splitlines():
        for test in re.findall(r"`(test_cve_\w+)`", line):
            numbers = re.findall(r"CVE-(\d+)-(\d+)", line.split("|")[1])
            assert any(f"{year}_{number}" in test for year, number in numbers), line
