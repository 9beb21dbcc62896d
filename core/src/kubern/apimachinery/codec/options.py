"""DeleteOptions sent as a body: decoded with the schema that every server has.

Next: `endpoints/options.py`, which reads the object.
"""

from __future__ import annotations

import functools
from typing import Any

from kubern.apimachinery.codec.document import parse_document
from kubern.apimachinery.codec.json import SyntaxProblem, may_have_duplicates
from kubern.apimachinery.codec.meta import GroupVersionKind, interpret, with_defaults
from kubern.apimachinery.codec.scheme import META_KINDS, UNVERSIONED_KINDS
from kubern.apimachinery.errors import bad_request
from kubern.apimachinery.schema.compiled import DecodeError, Walker, compile_walker
from kubern.apimachinery.schema.files import meta_definitions

Object = dict[str, Any]
_NAME = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
_KIND = GroupVersionKind("meta.k8s.io", "v1", "DeleteOptions")
_SCHEME = "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"
_KNOWN_EVERYWHERE = frozenset(("CreateOptions", "UpdateOptions")) | UNVERSIONED_KINDS


@functools.cache
def _walker() -> Walker:
    return compile_walker(meta_definitions().get(_NAME), _KIND.kind, _KIND.version)


def _other_kind(actual: GroupVersionKind) -> str:
    """What is wrong with a body of another kind."""
    of_meta = actual.kind in META_KINDS and actual._replace(kind=_KIND.kind) == _KIND
    if of_meta or actual.kind in _KNOWN_EVERYWHERE:
        return f"converting (v1.{actual.kind}) to (v1.{_KIND.kind}): unknown conversion"
    return f'no kind "{actual.kind}" is registered for version "{actual.api_version}" in scheme "{_SCHEME}"'


def decode_delete_options(body: bytes, media_type: str) -> Object:
    """The DeleteOptions in a body, of whatever apiVersion. Raises StatusError 400 with the decoder's bare words."""
    try:
        document = parse_document(body, media_type)
        actual = with_defaults(interpret(document.value), _KIND)
        if actual.kind != _KIND.kind:
            raise SyntaxProblem(_other_kind(actual))
        value = {} if document.value is None else document.value
        odd = document.text is not None and may_have_duplicates(document.text, value)
        obj, _ = _walker().decode_document(value, document.text, odd)
    except (DecodeError, SyntaxProblem) as problem:
        raise bad_request(str(problem)) from None
    return {**obj, "apiVersion": actual.api_version, "kind": actual.kind}
