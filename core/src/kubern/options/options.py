"""The stages Options -> CompletedOptions: what was asked for, and that with every default filled in.

Next: `completion.py` for how defaults are found, then `../config.py`.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, overload

if TYPE_CHECKING:
    from kubern.options.facts import Facts
    from kubern.plugins import Plugins

T = TypeVar("T")
DEFAULT = "default"


class InvalidOptions(Exception):
    """The options cannot be used; `problems` lists why, each naming its flag."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Options:
    """All sections' flags as given, before completion.

    `problems` holds what was wrong with the command line, environment or file: `CompletedOptions.validate`
    reports it together with everything else. `notes` are warnings for the log.
    """

    def __init__(
        self,
        sections: Mapping[str, Any],
        origins: Mapping[str, str] | None = None,
        problems: list[str] | None = None,
        notes: list[str] | None = None,
    ) -> None:
        self._sections = dict(sections)
        self._by_type = {_declared_type(section): section for section in self._sections.values()}
        self._origins = dict(origins or {})
        self.problems = problems or []
        self.notes = notes or []

    @overload
    def section(self, which: type[T]) -> T: ...
    @overload
    def section(self, which: str) -> Any: ...
    def section(self, which: type[Any] | str) -> Any:
        """A section by its dataclass (typed) or its name. Raises KeyError when no plugin contributes it."""
        return self._sections[which] if isinstance(which, str) else self._by_type[which]

    def sections(self) -> Mapping[str, Any]:
        """Every section by name."""
        return self._sections

    def origin(self, flag: str) -> str:
        """Where a flag's value comes from: `default`, `command line`, `environment variable X`, `file X`."""
        return self._origins.get(flag.removeprefix("--"), DEFAULT)

    def is_set(self, flag: str) -> bool:
        """Whether somebody gave the flag a value."""
        return flag.removeprefix("--") in self._origins

    def copy(self) -> Options:
        """Options that can be changed without changing these."""
        sections = {name: copy.copy(section) for name, section in self._sections.items()}
        return Options(sections, self._origins, list(self.problems), list(self.notes))


class CompletedOptions(Options):
    """Options in which nothing depends on the machine any more; frozen, made by `complete` only.

    `facts` is what completion found out beyond the flags: service addresses, files, cache sizes.
    """

    def __init__(self, options: Options, facts: Facts, plugins: Plugins) -> None:
        sections = {name: _frozen(section) for name, section in options.sections().items()}
        super().__init__(sections, options._origins, options.problems, options.notes)
        self.facts = facts
        self.plugins = plugins

    def validate(self) -> list[str]:
        """Every problem at once, each naming its flag; empty when the start can go on. Writes nothing."""
        from kubern.options.validation import validate

        return validate(self)


def complete(options: Options, plugins: Plugins) -> CompletedOptions:
    """Fill what depends on the machine or on other flags: core's steps, then the plugins' in slot order.

    Only reads: files that must be made are planned in `facts.files` and written once validation has passed.
    What cannot be completed is left as it is; validation names it.
    """
    from kubern.options.completion import complete_core, gather_facts

    completed = options.copy()
    files = complete_core(completed)
    for step in plugins.completion_steps():
        step.complete(completed)
    return CompletedOptions(completed, gather_facts(completed, files), plugins)


def _declared_type(section: Any) -> type[Any]:
    """The section's dataclass, also for a frozen copy."""
    return getattr(type(section), "_kubern_declared", type(section))


def _frozen(section: Any) -> Any:
    """A copy of a section that refuses changes."""
    frozen = copy.copy(section)
    frozen.__class__ = _frozen_type(type(section))
    return frozen


def _frozen_type(declared: type[Any]) -> type[Any]:
    body = {"__slots__": (), "_kubern_declared": declared, "__setattr__": _refuse, "__delattr__": _refuse}
    return type(f"Completed{declared.__name__}", (declared,), body)


def _refuse(section: Any, name: str, *_: Any) -> NoReturn:
    raise AttributeError(f"{type(section).__name__}.{name} is completed and cannot be changed")
