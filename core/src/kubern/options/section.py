"""A section of flags is a dataclass: each field is a flag, its docstring the help. Next: `collect.py`.

    @dataclasses.dataclass
    class GreeterOptions:
        greeting: str = "hello"
        \"""What to say.\"""
        greeting_interval: Duration = flag(30, deprecated="use --greeting")
        \"""How often to say it.\"""

gives `--greeting` and `--greeting-interval`. A method `validate(self) -> list[str]` may return problems, each
naming its flag.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import textwrap
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from kubern.options.values import PLAIN, FlagType

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


def flag(default: T, *, no_effect: str = "", deprecated: str = "", shorthand: str = "", upstream: str = "") -> T:
    """A field that says more than its default.

    `no_effect` says why setting the flag changes nothing, `deprecated` what to do instead (setting it warns),
    `shorthand` is the one-letter form, `upstream` names the version of kube-apiserver that has the flag when 1.36
    has not.
    """
    notes = {"no_effect": no_effect, "deprecated": deprecated, "shorthand": shorthand, "upstream": upstream}
    return dataclasses.field(default=default, metadata={k: v for k, v in notes.items() if v})


@dataclasses.dataclass(frozen=True, slots=True)
class Flag:
    """One flag of one section."""

    section: str
    field: str
    owner: type[DataclassInstance]
    default: Any
    metadata: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.field.replace("_", "-")

    @property
    def type(self) -> FlagType:
        return flag_types(self.owner)[self.field]

    @property
    def help(self) -> str:
        return field_docstrings(self.owner).get(self.field, "")

    @property
    def default_text(self) -> str:
        """The default as help shows it; empty for the zero value."""
        return self.type.format(self.default) if self.default else ""


def section_flags(section: str, options: type[DataclassInstance]) -> list[Flag]:
    """The flags that a section's dataclass declares, in order."""
    return [
        Flag(section, field.name, options, field.default, field.metadata)
        for field in dataclasses.fields(options)
        if field.init
    ]


@functools.cache
def flag_types(options: type[DataclassInstance]) -> Mapping[str, FlagType]:
    """The FlagType of every field; TypeError names a field whose annotation is none."""
    hints = typing.get_type_hints(options, include_extras=True)
    return {field.name: _flag_type(options, field.name, hints[field.name]) for field in dataclasses.fields(options)}


def _flag_type(options: type[DataclassInstance], name: str, hint: Any) -> FlagType:
    for extra in getattr(hint, "__metadata__", ()):
        if isinstance(extra, FlagType):
            return extra
    if hint in PLAIN:
        return PLAIN[hint]
    raise TypeError(f"{options.__qualname__}.{name}: {hint!r} is no type of a flag, see kubern.options.values")


@functools.cache
def field_docstrings(options: type[DataclassInstance]) -> Mapping[str, str]:
    """The text below each field in the source; only help and documentation ask for it."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(options))).body
    assert isinstance(body, ast.ClassDef)
    found = {}
    for statement, following in zip(body.body, body.body[1:], strict=False):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            found[statement.target.id] = " ".join(str(following.value.value).split())
    return found
