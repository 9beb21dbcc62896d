"""The codec contract: what decodes the bodies of one kind in one version."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

Object = dict[str, Any]


class Decoded(NamedTuple):
    """A decoded object and what strict decoding found: texts such as `unknown field "spec.foo"`, in order."""

    obj: Object
    strict_errors: list[str]


class Codec(Protocol):
    """Decodes one kind in one version. Results are normalised but not defaulted, with apiVersion, kind, metadata."""

    def decode(self, body: bytes, media_type: str, strict: bool) -> Decoded:
        """The object in a request body; `strict` asks for unknown and duplicate fields.

        `media_type` is application/json, application/yaml or application/vnd.kubernetes.protobuf. A body without
        apiVersion or kind gets the codec's own. Raises StatusError 400 worded as kube-apiserver does.
        """
        ...

    def normalise(self, obj: Object, strict: bool) -> list[str]:
        """The same checks and canonical forms on a dict (the outcome of a patch), in place.

        Returns the strict errors. Raises StatusError 400.
        """
        ...
