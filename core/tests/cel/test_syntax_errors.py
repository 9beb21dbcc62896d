"""Syntax errors of broken texts, as recorded from ANTLR with cel-go's grammar and limits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kubern.cel.parser.lexer import Rejected
from kubern.cel.parser.parser import Parser
from kubern.cel.source import Source
from kubern.cel.syntax.diagnosis import diagnose

CASES = json.loads((Path(__file__).parent / "data" / "syntax_errors.json").read_text())


def messages(text: str) -> list[list[object]]:
    source = Source(text)
    with pytest.raises(Rejected):
        Parser(source, {}).parse()
    issues = sorted(diagnose(source), key=lambda issue: issue.location)
    # Reserved words are cel-go's own complaint, not ANTLR's.
    return [
        [issue.location.line, issue.location.column, issue.message]
        for issue in issues
        if not issue.message.startswith("reserved identifier")
    ]


def test_same_messages_at_the_same_places() -> None:
    """For every broken text the issues are those that ANTLR reports."""
    different = {text: messages(text) for text, want in CASES if messages(text) != want}
    assert different == {}
    assert len(CASES) >= 300
