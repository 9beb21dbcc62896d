"""Fields that an apply would take from others, and the 409 that says so (managedfields/internal/conflict.go)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kubern.apimachinery.errors import StatusError, apply_conflict
from kubern.apimachinery.managedfields.elements import Path, show
from kubern.apimachinery.managedfields.fieldset import FieldSet, iterate
from kubern.apimachinery.managedfields.managed import UPDATE, ManagerKey
from kubern.util.goquote import go_quote


class Conflict(NamedTuple):
    """One field, and the manager that owns another value of it."""

    manager: ManagerKey
    path: Path


class Conflicts(Exception):
    """An apply without force met fields of other managers."""

    def __init__(self, conflicts: Iterable[Conflict]) -> None:
        self.conflicts = list(conflicts)
        super().__init__(f"{len(self.conflicts)} conflicts")

    @classmethod
    def of(cls, sets: Mapping[ManagerKey, FieldSet]) -> Conflicts:
        """The conflicts with each manager, the managers in order of their identifiers."""
        managers = sorted(sets, key=ManagerKey.identifier)
        return cls(Conflict(manager, path) for manager in managers for path in iterate(sets[manager]))

    def status_error(self) -> StatusError:
        """409 with one cause per field."""
        causes = [
            {
                "reason": "FieldManagerConflict",
                "message": f"conflict with {show_manager(conflict.manager)}",
                "field": show(conflict.path),
            }
            for conflict in self.conflicts
        ]
        return apply_conflict(causes, self._message())

    def _message(self) -> str:
        if len(self.conflicts) == 1:
            manager, path = self.conflicts[0]
            return f"Apply failed with 1 conflict: conflict with {show_manager(manager)}: {show(path)}"
        lines = []
        last = None
        for manager, path in self.conflicts:
            if manager != last:
                lines.append(f"conflicts with {show_manager(manager)}:")
                last = manager
            lines.append(f"- {show(path)}")
        return f"Apply failed with {len(self.conflicts)} conflicts: " + "\n".join(lines)


def show_manager(key: ManagerKey) -> str:
    """A manager as messages name it: `"m" with subresource "status" using v1`."""
    text = go_quote(key.manager)
    if key.subresource:
        text += f" with subresource {go_quote(key.subresource)}"
    return f"{text} using {key.api_version}" if key.operation == UPDATE else text
