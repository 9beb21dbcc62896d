"""Whether mutating plugins are to be asked again (upstream: admission.ReinvocationContext and reinvoker).

A plugin that changes the object after another one, which wants to see such changes, has been asked sets
`should_reinvoke`; the chain then goes through all mutating plugins once more, with `is_reinvoke` set.
"""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(slots=True)
class ReinvocationContext:
    """One per admission of an object; `values` is for the plugins, by their name."""

    is_reinvoke: bool = False
    should_reinvoke: bool = False
    values: dict[str, Any] = dataclasses.field(default_factory=dict)
