"""What a list or watch selects; next: `listing.py` and `watcher.py`, which ask it.

Upstream: storage.SelectionPredicate. The label and field selectors arrive as compiled callables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from kubern.storage.cacher.entry import Entry

Matcher = Callable[[Mapping[str, str]], bool]


class Selection(NamedTuple):
    """Objects of one namespace ("" for all), of one name ("" for any), that pass both selectors.

    `name` repeats what a `metadata.name=` field selector requires, so that only one object is looked at.
    """

    namespace: str = ""
    name: str = ""
    labels: Matcher | None = None
    fields: Matcher | None = None

    def matches(self, entry: Entry) -> bool:
        """Whether an entry of the selected namespace passes the selectors."""
        if self.labels is not None and not self.labels(entry.labels):
            return False
        return self.fields is None or self.fields(entry.field_set())

    @property
    def everything(self) -> bool:
        """Whether there are no selectors (the namespace does not count)."""
        return self.labels is None and self.fields is None


EVERYTHING = Selection()
