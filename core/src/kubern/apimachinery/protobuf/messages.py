"""What a message looks like: its fields by number and by JSON name, compiled when first needed.

`fields.txt` has one line per message: its name, then `number:jsonName:type[:flag]` for each field. Types: s text,
i integer, b boolean, y bytes, d double, @NAME a message, {TYPE a map from text; with * at the end repeated. Flags:
0 a zero value is left out of JSON, n JSON shows null when absent, < its fields belong to the parent's JSON.
Next: `decoder.py`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Field(NamedTuple):
    number: int
    name: str
    """In JSON."""
    kind: str
    """s, i, b, y, d, @ for a message or { for a map."""
    target: str
    """The message's name, or the type of a map's values."""
    repeated: bool
    flag: str


class Message(NamedTuple):
    name: str
    by_number: dict[int, Field]
    by_name: dict[str, Field]
    inlined: tuple[Field, ...]
    nulls: tuple[str, ...]
    """JSON names that are null when absent."""

    @property
    def short_name(self) -> str:
        """The name without its package, as errors say it."""
        return self.name.rpartition(".")[2]


_GO_NAMES = {"apiVersion": "APIVersion", "metadata": "ObjectMeta", "uid": "UID"}
# API groups whose message package is not their first label.
_PACKAGES = {"": "core", "internal.apiserver.k8s.io": "apiserverinternal"}


@cache
def _lines() -> dict[str, str]:
    text = files(__package__).joinpath("fields.txt").read_text()
    return {name: rest for name, _, rest in (line.partition(" ") for line in text.splitlines())}


@cache
def message(name: str) -> Message:
    """The message `package.version.Kind`. Raises KeyError."""
    by_number = {}
    for text in _lines()[name].split():
        number, json_name, kind, flag = (text + ":").split(":")[:4]
        repeated = kind.endswith("*")
        kind = kind.rstrip("*")
        by_number[int(number)] = Field(int(number), json_name, kind[0], kind[1:], repeated, flag)
    fields = by_number.values()
    return Message(
        name,
        by_number,
        {field.name: field for field in fields if field.flag != "<"},
        tuple(field for field in fields if field.flag == "<"),
        tuple(field.name for field in fields if field.flag == "n"),
    )


def go_name(name: str) -> str:
    """What the Go struct calls a field that has this name in JSON."""
    return _GO_NAMES.get(name) or name[:1].upper() + name[1:]


def message_name(api_version: str, kind: str) -> str | None:
    """The message of a kind, None when it has no protobuf form.

    Kinds of the meta group (Status, DeleteOptions, WatchEvent, ...) exist in every group.
    """
    group, _, version = api_version.rpartition("/")
    package = _PACKAGES.get(group) or group.partition(".")[0]
    lines = _lines()
    for name in (f"{package}.{version}.{kind}", f"meta.{version}.{kind}", f"meta.v1.{kind}"):
        if name in lines:
            return name
    return None
