"""Formats that mean nothing to the server: a schema may have them, but nothing is checked for them.

Upstream: GetUnrecognizedFormats. Next: `../../schema/validation/formats.py` for those that are checked.
"""

from __future__ import annotations

from kubern.util.goquote import go_quote
from kubern_apiextensions.api import crd as crds
from kubern_apiextensions.api.crd import Object
from kubern_apiextensions.api.validation.walk import Schema, any_schema
from kubern_apiextensions.schema.validation.formats import find_format


def format_warnings(crd: Object) -> list[str]:
    """One warning for each unknown format of a string, in the order of the alphabet."""
    unknown: set[str] = set()

    def collect(node: Schema) -> bool:
        name = node.get("format")
        if name and node.get("type") == "string" and find_format(name) is None:
            unknown.add(name)
        return False

    for version in crds.versions(crd):
        any_schema((version.get("schema") or {}).get("openAPIV3Schema") or {}, collect)
    return [f"unrecognized format {go_quote(name)}" for name in sorted(unknown)]
