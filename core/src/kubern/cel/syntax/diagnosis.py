"""The issues of a text that the parser has rejected.

Next: `recovery.py`.
"""

from __future__ import annotations

from kubern.cel.errors import Issue
from kubern.cel.source import NO_LOCATION, Source
from kubern.cel.syntax.grammar import grammar
from kubern.cel.syntax.recovery import Recovery, Stopped


def diagnose(source: Source) -> list[Issue]:
    """What cel-go says of the text; never empty."""
    parse = Recovery(grammar(), source.text)
    limit: list[Issue] = []
    try:
        parse.run()
    except Stopped as stop:
        if stop.args[0]:
            limit.append(Issue(NO_LOCATION, stop.args[0]))
    issues = [Issue(source.location(offset), message) for offset, message in parse.messages]
    issues.extend(limit)
    if not limit:
        issues.extend(Issue(source.location(offset), f"reserved identifier: {word}") for offset, word in parse.reserved)
    return issues or [Issue(NO_LOCATION, "unknown parse element encountered: <<nil>>")]
