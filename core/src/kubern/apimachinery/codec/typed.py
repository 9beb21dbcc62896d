"""The codec of kinds with a schema: a request body decoded into an object of the expected kind.

Upstream: the JSON and YAML serializers, the versioning codec and handlers' transformDecodeError in one place. The
fast way is orjson and a walker's pass; the exact decoder runs when that pass meets anything odd or the text may
name a member twice. Next: `document.py`, `../schema/compiled.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery.codec.document import PROTOBUF, Document, open_protobuf, parse_document
from kubern.apimachinery.codec.interface import Decoded
from kubern.apimachinery.codec.json import SyntaxProblem, may_have_duplicates
from kubern.apimachinery.codec.meta import GroupVersionKind, interpret, with_defaults
from kubern.apimachinery.errors import StatusError, bad_request
from kubern.apimachinery.schema.compiled import DecodeError, Walker, compile_walker

if TYPE_CHECKING:
    from kubern.apimachinery.codec.scheme import Scheme
    from kubern.apimachinery.schema.model import Schema

Object = dict[str, Any]

_SUMMARY_BYTES: Final = 30


class TypedCodec:
    """Decodes bodies into one kind at one version. Made once per endpoint.

    Without a schema objects are taken as they come. `scheme` says which other kinds the server knows; without it
    only this one.
    """

    def __init__(
        self,
        schema: Schema | None,
        group: str,
        version: str,
        kind: str,
        scheme: Scheme | None = None,
    ) -> None:
        self.gvk = GroupVersionKind(group, version, kind)
        self.scheme = scheme
        self.walker = compile_walker(schema, kind, version) if schema is not None else None

    def decode(self, body: bytes, media_type: str, strict: bool) -> Decoded:
        """The object in `body`, normalised, with the apiVersion and kind it claims or else the codec's own.

        Raises StatusError 400.
        """
        try:
            actual, load = self._claim(body, media_type)
        except SyntaxProblem as problem:
            raise self._unrecognized(str(problem), body) from None
        if not actual.version:
            raise self._unfit(actual, f"Object 'apiVersion' is missing in '{body.decode('utf-8', 'replace')}'")
        try:
            obj, strict_errors = self._decode_as(actual, load)
        except (DecodeError, SyntaxProblem) as problem:
            raise self._unfit(actual, str(problem)) from None
        obj["apiVersion"] = actual.api_version
        obj["kind"] = actual.kind
        return Decoded(obj, strict_errors if strict else [])

    def _claim(self, body: bytes, media_type: str) -> tuple[GroupVersionKind, Callable[[], Document]]:
        """What a body claims to be, and what gives its document. Raises SyntaxProblem."""
        if media_type == PROTOBUF:
            return open_protobuf(body, self.gvk)
        document = parse_document(body, media_type)
        return with_defaults(interpret(document.value), self.gvk), lambda: document

    def normalise(self, obj: Object, strict: bool) -> list[str]:
        """The same checks and forms on a dict, in place; the strict errors. Raises StatusError 400."""
        if self.walker is None:
            return []
        strict_errors = self.walker.normalise(obj)
        return strict_errors if strict else []

    def is_own(self, obj: Any) -> bool:
        """Whether a value plainly says that it is an object of the codec's kind and version."""
        own = self.gvk.kind, self.gvk.api_version
        return isinstance(obj, dict) and (obj.get("kind"), obj.get("apiVersion")) == own

    def check_claim(self, obj: Any) -> None:
        """Refuse what `decode` would not take for the codec's kind. Raises StatusError 400."""
        try:
            actual = with_defaults(interpret(obj), self.gvk)
            self._check_known(actual)
        except (DecodeError, SyntaxProblem) as problem:
            raise bad_request(str(problem)) from None

    def restore(self, obj: Object, strict: bool) -> list[str]:
        """`normalise` for the outcome of a strategic merge patch. Raises DecodeError."""
        if self.walker is None:
            return []
        strict_errors = self.walker.restore(obj)
        return strict_errors if strict else []

    def _decode_as(self, actual: GroupVersionKind, load: Callable[[], Document]) -> tuple[Object, list[str]]:
        """Decode as the kind that the document claims to be, which is not always the expected one."""
        walker = self.walker if actual == self.gvk else self._other_walker(actual)
        document = load()
        obj: Object = {} if document.value is None else document.value
        problems = document.strict_errors
        if walker is not None:
            odd = document.text is not None and may_have_duplicates(document.text, obj)
            obj, found = walker.decode_document(obj, document.text, odd)
            problems = problems + found
        self._check_known(actual)
        return obj, problems

    def _check_known(self, actual: GroupVersionKind) -> None:
        """Another kind has to be known, and one that becomes the expected one."""
        if actual == self.gvk or self.scheme is None:
            return
        if not self.scheme.recognizes(actual):
            raise DecodeError(self.scheme.not_registered(actual))
        self._check_convertible(actual, self.scheme)

    def _other_walker(self, actual: GroupVersionKind) -> Walker | None:
        """The walker of a kind that is not the expected one, None when its schema is not known."""
        if self.scheme is None:
            return self.walker if actual.kind == self.gvk.kind else None
        if not self.scheme.recognizes(actual):
            raise DecodeError(self.scheme.not_registered(actual))
        schema = self.scheme.schema(actual)
        return None if schema is None else compile_walker(schema, actual.kind, actual.version)

    def _check_convertible(self, actual: GroupVersionKind, scheme: Scheme) -> None:
        """A known kind of another type cannot become the expected one."""
        found, wanted = scheme.internal(actual.group, actual.kind), scheme.internal(self.gvk.group, self.gvk.kind)
        if found != wanted:
            raise DecodeError(f"converting ({scheme.type_name(actual)}) to ({wanted}): unknown conversion")

    def _unfit(self, actual: GroupVersionKind, problem: str) -> StatusError:
        """The error of a document whose kind is known."""
        return bad_request(
            f'{actual.kind} in version "{actual.version}" cannot be handled as a {self.gvk.kind}: {problem}'
        )

    def _unrecognized(self, problem: str, body: bytes) -> StatusError:
        """The error of a document that does not say what it is."""
        return bad_request(
            f"the object provided is unrecognized (must be of type {self.gvk.kind}): {problem} ({summarize(body)})"
        )


def summarize(body: bytes) -> str:
    """The start of a body as errors show it: text when it looks like JSON, else hexadecimal."""
    if not body:
        return "<empty>"
    head = body[:_SUMMARY_BYTES]
    text = head.decode("utf-8", "replace") if body.startswith(b"{") else head.hex()
    return text + " ..." if len(body) > _SUMMARY_BYTES else text
