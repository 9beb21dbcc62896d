"""Definitions of one name in several servers' OpenAPI v2 documents: the later one gets another name.

Upstream: kube-openapi's aggregator, MergeSpecsIgnorePathConflictRenamingDefinitionsAndParameters. Next: `service.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import orjson

from kubern.endpoints.openapi.documents import Fragment

_KINDS: Final = "x-kubernetes-group-version-kind"


def merged(own: Iterable[Fragment], others: Iterable[Fragment]) -> list[Fragment]:
    """`others` with names that clash neither with definitions of `own` nor among themselves.

    Definitions that say the same but for the kinds they are of are one definition.
    """
    known: dict[str, bytes] = {}
    for fragment in own:
        known |= fragment.definitions
    out = []
    for fragment in others:
        names = {
            name: _free_name(name, raw, known)
            for name, raw in fragment.definitions.items()
            if name in known and not _same(known[name], raw)
        }
        renamed = _renamed(fragment, names) if names else fragment
        known = renamed.definitions | known
        out.append(renamed)
    return out


def _same(one: bytes, other: bytes) -> bool:
    if one == other:
        return True
    parsed = [orjson.loads(raw) for raw in (one, other)]
    return all(definition.pop(_KINDS, None) or True for definition in parsed) and parsed[0] == parsed[1]


def _free_name(name: str, raw: bytes, known: Mapping[str, bytes]) -> str:
    number = 2
    while f"{name}_v{number}" in known and not _same(known[f"{name}_v{number}"], raw):
        number += 1
    return f"{name}_v{number}"


def _renamed(fragment: Fragment, names: Mapping[str, str]) -> Fragment:
    def rewritten(text: bytes) -> bytes:
        for name, new in names.items():
            text = text.replace(b'"#/definitions/%b"' % name.encode(), b'"#/definitions/%b"' % new.encode())
        return text

    definitions = {names.get(name, name): rewritten(raw) for name, raw in fragment.definitions.items()}
    return Fragment(rewritten(fragment.paths), definitions)
