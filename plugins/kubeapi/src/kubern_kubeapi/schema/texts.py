"""Descriptions of fields for OpenAPI documents, so that `kubectl explain` shows prose.

They are not part of this package: they come from the optional distribution kubernetes-validate
(`pip install kubern-kubeapi[docs]`), read when the first document is made. Next: `kubern/endpoints/openapi/service.py`.
"""

from __future__ import annotations

import importlib.util
import pathlib
from typing import Any, Final

import orjson

Object = dict[str, Any]
_DEFINITIONS: Final = "kubernetes-json-schema/v1.36.0-local/_definitions.json"


class Texts:
    """Adds descriptions to definitions. Without the distribution definitions stay as they are."""

    def __init__(self) -> None:
        self._texts: dict[str, bytes] | None = None

    def describe(self, name: str, raw: Object) -> Object:
        """The definition with its own description and those of its fields."""
        if self._texts is None:
            self._texts = _read()
        packed = self._texts.get(name)
        if packed is None:
            return raw
        own, fields = orjson.loads(packed)
        out = dict(raw)
        if own:
            out["description"] = own
        if "properties" in raw:
            out["properties"] = {
                field: {"description": fields[field], **schema} if field in fields else schema
                for field, schema in raw["properties"].items()
            }
        return out


def _read() -> dict[str, bytes]:
    """name -> JSON of [description, {field: description}]; kept packed, since few are ever shown."""
    spec = importlib.util.find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        return {}
    path = pathlib.Path(spec.origin).parent / _DEFINITIONS
    if not path.exists():
        return {}
    definitions: Object = orjson.loads(path.read_bytes())["$defs"]
    return {name: orjson.dumps(_texts_of(raw)) for name, raw in definitions.items()}


def _texts_of(raw: Object) -> tuple[str, dict[str, str]]:
    properties = raw.get("properties", {})
    fields = {field: schema["description"] for field, schema in properties.items() if "description" in schema}
    return raw.get("description", ""), fields
