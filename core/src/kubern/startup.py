"""A start, from options to the last request: its table of contents.

Next: `options/completion.py`, `config.py`, `chain.py`, `server.py` in the order of the calls below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.options.options import complete

if TYPE_CHECKING:
    from kubern.options.options import CompletedOptions, Options
    from kubern.plugins import Plugins


class InvalidOptions(Exception):
    """The options cannot be used; `problems` lists why, each naming its flag."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def prepare(options: Options, plugins: Plugins) -> CompletedOptions:
    """Completed and valid options, and the files of the first start. Raises InvalidOptions before writing anything."""
    completed = complete(options, plugins)
    problems = completed.validate()
    if problems:
        raise InvalidOptions(problems)
    return completed


def run(options: Options, plugins: Plugins) -> None:
    """Serve until stopped by a signal. Raises InvalidOptions."""
    prepare(options, plugins)
