"""Decodes bodies into custom resources: pruned, defaulted, metadata checked (upstream: schemaCoercingDecoder).

Next: `strategy.py` for what happens then.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.codec.document import YAML, Document, parse_document
from kubern.apimachinery.codec.interface import Decoded
from kubern.apimachinery.codec.json import SyntaxProblem, may_have_duplicates
from kubern.apimachinery.codec.meta import GroupVersionKind, interpret
from kubern.apimachinery.codec.typed import summarize
from kubern.apimachinery.errors import StatusError, bad_request
from kubern.util.goquote import go_quote
from kubern_apiextensions.registry.version import CustomResourceVersion
from kubern_apiextensions.schema.objectmeta import MalformedField, coercion_error, decode_object_meta
from kubern_apiextensions.schema.walker import unknown_fields

Object = dict[str, Any]
MAX_STRICT_ERRORS = 100


class CustomResourceCodec:
    """The codec of one version of a custom resource."""

    def __init__(self, version: CustomResourceVersion) -> None:
        self.version = version

    def decode(self, body: bytes, media_type: str, strict: bool) -> Decoded:
        """The object in a body with the apiVersion and kind it claims. Raises StatusError 400."""
        try:
            document = parse_document(body, media_type)
            gvk = interpret(document.value)
            obj = self._object(document, body, media_type)
        except SyntaxProblem as problem:
            raise self._unrecognized(str(problem), body) from None
        problems = document.strict_errors + self._duplicates(document) if strict else []
        found = self._coerce(obj, gvk, strict)
        obj.setdefault("apiVersion", "")
        obj.setdefault("metadata", {})
        return Decoded(obj, problems + found)

    def normalise(self, obj: Object, strict: bool) -> list[str]:
        """The same checks on the outcome of a patch, in place. Raises StatusError 400."""
        gvk = GroupVersionKind(self.version.group, self.version.name, self.version.kind)
        return self._coerce(obj, gvk, strict)

    def _object(self, document: Document, body: bytes, media_type: str) -> Object:
        value: Object = document.value
        if not isinstance(value, dict) or not value.get("kind"):
            if media_type == YAML:
                import orjson

                text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
            else:
                text = body.decode("utf-8", "replace")
            raise SyntaxProblem(f"Object 'Kind' is missing in '{text}'")
        return value

    def _unrecognized(self, problem: str, body: bytes) -> StatusError:
        kind = self.version.kind
        return bad_request(
            f"the object provided is unrecognized (must be of type {kind}): {problem} ({summarize(body)})"
        )

    def _duplicates(self, document: Document) -> list[str]:
        if document.text is None or not may_have_duplicates(document.text, document.value):
            return []
        return duplicate_fields(document.text)

    def _coerce(self, obj: Object, gvk: GroupVersionKind, strict: bool) -> list[str]:
        """Make an object of the version's schema, in place; the unknown fields as strict errors."""
        problems: list[str] = []
        try:
            if "metadata" in obj:
                obj["metadata"], unknown = decode_object_meta(obj["metadata"])
                problems += ["metadata" + path for path in unknown]
            if (gvk.group, gvk.kind, gvk.version) == (self.version.group, self.version.kind, self.version.name):
                problems += unknown_fields(self.version.write_walk(obj))
        except MalformedField as error:
            place = coercion_error(obj, self.version.schema, None, root=False)
            detail = str(error) if place is None else str(place)
            raise bad_request(
                f"{gvk.kind} in version {go_quote(gvk.version)} cannot be handled as a {self.version.kind}: {detail}"
            ) from None
        return [f"unknown field {go_quote(path)}" for path in problems] if strict else []


def duplicate_fields(text: bytes) -> list[str]:
    """`duplicate field "spec.a"` for every member that an object of the document names again."""
    from kubern.apimachinery.schema.tree import Pairs, parse_exact

    found: dict[str, None] = {}

    def visit(node: Any, path: str) -> None:
        if isinstance(node, Pairs):
            seen: set[str] = set()
            for name, member in node:
                place = f"{path}.{name}" if path else name
                if name in seen and len(found) < MAX_STRICT_ERRORS:
                    found[f"duplicate field {go_quote(place)}"] = None
                seen.add(name)
                visit(member, place)
        elif isinstance(node, list):
            for i, item in enumerate(node):
                visit(item, f"{path}[{i}]")

    visit(parse_exact(text.decode("utf-8", "replace")), "")
    return list(found)
