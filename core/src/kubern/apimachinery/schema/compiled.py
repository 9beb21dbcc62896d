"""The walker of one kind at one version: what endpoints, patches and stores call.

Next: `walker.py` for the fast passes, `exact.py` for what they refuse.
"""

from __future__ import annotations

from typing import Any, Final

from kubern.apimachinery.errors import bad_request
from kubern.apimachinery.schema.exact import DecodeError as DecodeError
from kubern.apimachinery.schema.exact import ExactDecoder
from kubern.apimachinery.schema.files import meta_definitions
from kubern.apimachinery.schema.gotype import GoType, go_type
from kubern.apimachinery.schema.model import Schema
from kubern.apimachinery.schema.tree import exact_tree, parse_exact
from kubern.apimachinery.schema.values import Odd
from kubern.apimachinery.schema.walker import StructWalker, walker_of

Object = dict[str, Any]


class Walker:
    """The passes over objects of one kind at one version. Objects are changed in place."""

    def __init__(self, type: GoType, kind: str, version: str) -> None:
        self.type = type
        self.kind = kind
        self.version = version
        self._struct: StructWalker = walker_of(type)

    def decode_document(self, obj: Any, text: bytes | None, odd: bool = False) -> tuple[Object, list[str]]:
        """The normalised object and its strict errors, as decoded from `text`, or from `obj` when there is none.

        `obj` is the parsed document and is used up. `odd` goes straight to the exact decoder. Raises DecodeError.
        """
        if not odd and obj.__class__ is dict:
            try:
                self._struct.decode(obj)
            except Odd:
                pass
            else:
                return obj, []
        try:
            tree = exact_tree(obj) if text is None else parse_exact(text.decode())
        except RecursionError:
            raise DecodeError("exceeded max depth") from None
        decoded, strict_errors = ExactDecoder().decode(self.type, tree)
        self._struct.decode(decoded)
        return decoded, strict_errors

    def normalise(self, obj: Object) -> list[str]:
        """Bring a decoded object to normal form; gives its strict errors. Raises StatusError 400."""
        try:
            decoded, strict_errors = self.decode_document(obj, None)
        except DecodeError as problem:
            raise bad_request(
                f'{self.kind} in version "{self.version}" cannot be handled as a {self.kind}: {problem}'
            ) from None
        if decoded is not obj:
            obj.clear()
            obj.update(decoded)
        return strict_errors

    def restore(self, obj: Object) -> list[str]:
        """Bring the outcome of a strategic merge patch to normal form, in place; gives the strict errors.

        Raises DecodeError in the words that upstream has for this way.
        """
        from kubern.apimachinery.schema.restore import Restorer

        restorer = Restorer()
        restored = restorer.restore(self.type, obj)
        self._struct.decode(restored)
        obj.clear()
        obj.update(restored)
        return restorer.unknown

    def default(self, obj: Object) -> None:
        """Set the schema's own defaults where fields are not set."""
        self._struct.default(obj)

    def encode(self, obj: Object) -> None:
        """Bring an object to the form that is stored and shown: what Go's encoder would write."""
        self._struct.encode(obj)


_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1."
_TYPE_META: Final = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}


def compile_walker(schema: Schema, kind: str, version: str) -> Walker:
    """The walker of a kind's schema. Its tables are made struct by struct, on first use.

    Schemas without a name (plugins' models) need not describe apiVersion, kind and metadata.
    """
    if schema.name:
        return Walker(go_type(schema), kind, version)
    return Walker(go_type(_with_metadata(schema), f"{version}.{kind}"), kind, version)


def _with_metadata(schema: Schema) -> Schema:
    """An inline schema with the members that every object has."""

    def resolve(name: str) -> Schema:
        if name.startswith(_META) or schema.resolve is None:
            return meta_definitions().get(name)
        return schema.resolve(name)

    own = {name: raw for name, raw in schema.raw.get("properties", {}).items() if name != "metadata"}
    properties = {**_TYPE_META, "metadata": {"$ref": _META + "ObjectMeta"}, **own}
    return Schema({**schema.raw, "type": "object", "properties": properties}, resolve)
