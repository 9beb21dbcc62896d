"""Request bodies parsed by their media type, before anybody knows which kind they are; next: `typed.py`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Final

from kubern.apimachinery.codec.json import SyntaxProblem, parse_json
from kubern.apimachinery.codec.meta import GroupVersionKind, parse_group_version

JSON: Final = "application/json"
YAML: Final = "application/yaml"
PROTOBUF: Final = "application/vnd.kubernetes.protobuf"


@dataclasses.dataclass(slots=True)
class Document:
    """A parsed body: its value, the JSON text of it (None when the value is all there is), strict errors so far."""

    value: Any
    text: bytes | None
    strict_errors: list[str]


def parse_document(data: bytes, media_type: str) -> Document:
    """Parse a body of a media type. Raises SyntaxProblem."""
    if media_type == YAML:
        from kubern.apimachinery.yaml import load_yaml

        value, problems = load_yaml(data)
        return Document(value, None, problems)
    if media_type == PROTOBUF:
        return Document(_parse_protobuf(data), None, [])
    try:
        value, text = parse_json(data)
    except SyntaxProblem as problem:
        raise SyntaxProblem(f"couldn't get version/kind; json parse error: {problem}") from None
    return Document(value, text, [])


def _parse_protobuf(data: bytes) -> Any:
    from kubern.apimachinery.protobuf.envelope import decode
    from kubern.apimachinery.protobuf.wire import ProtobufError

    try:
        return decode(data)
    except ProtobufError as problem:
        raise SyntaxProblem(str(problem)) from None


def open_protobuf(data: bytes, default: GroupVersionKind) -> tuple[GroupVersionKind, Callable[[], Document]]:
    """What a protobuf body claims to be, or else `default`, and what decodes it. Both raise SyntaxProblem."""
    from kubern.apimachinery.protobuf.envelope import decode_raw, open_envelope
    from kubern.apimachinery.protobuf.wire import ProtobufError

    try:
        envelope = open_envelope(data)
    except ProtobufError as problem:
        raise SyntaxProblem(str(problem)) from None
    actual = _claimed(envelope.api_version, envelope.kind, default)

    def load() -> Document:
        try:
            value = decode_raw(envelope._replace(api_version=actual.api_version, kind=actual.kind))
        except ProtobufError as problem:
            raise SyntaxProblem(str(problem)) from None
        return Document(value, None, [])

    return actual, load


def _claimed(api_version: str, kind: str, default: GroupVersionKind) -> GroupVersionKind:
    """Upstream: protobuf's copyKindDefaults, which leaves no version out."""
    try:
        group, version = parse_group_version(api_version)
    except SyntaxProblem:
        version = ""
    if not version:
        group, version = default.group, default.version
    return GroupVersionKind(group, version, kind or default.kind)
