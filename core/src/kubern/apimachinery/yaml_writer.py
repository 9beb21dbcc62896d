"""YAML out, in the style of kube-apiserver's answers (upstream: sigs.k8s.io/yaml over goyaml v2's emitter).

Keys sorted, lists not indented below their key, lines folded at 80. A string that would be read as something else is
double-quoted, one with line breaks is a literal block, the rest is up to the emitter, which is the same libyaml.
Next: `yaml.py`, the way in.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from kubern.apimachinery.yaml import resolve_plain

_BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_TIMESTAMP = re.compile(r"\d{4}-\d\d?-\d\d?(?:(?:[Tt]| +)\d\d?:\d\d?:\d\d?(?:\.\d*)?(?:Z| *[-+]\d\d?(?::\d\d)?)?)?")
_OLD_BOOLS = frozenset(
    ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF"]
)


class _Dumper(yaml.CSafeDumper):
    """CSafeDumper with goyaml's choice of string styles."""


def _string(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style: str | None = None
    if "\n" in text:
        style = "|"
    elif _reads_otherwise(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


def _reads_otherwise(text: str) -> bool:
    """Whether a YAML 1.1 reader would take the plain text for something that is no string."""
    if text in _OLD_BOOLS or text in ("<<", "="):
        return True
    first = text[:1]
    if first.isdigit() and (_BASE60.fullmatch(text) or _TIMESTAMP.fullmatch(text)):
        return True
    return not isinstance(resolve_plain(text), str)


_Dumper.add_representer(str, _string)


def dump_yaml(obj: Any) -> bytes:
    """An object as YAML text."""
    text = yaml.dump(obj, Dumper=_Dumper, default_flow_style=False, allow_unicode=True, sort_keys=True, width=80)
    return text.encode()  # type: ignore[no-any-return]
