"""How one resource's keys and values become entries; next: `entry.py`.

Values that kubern wrote are canonical and taken as they are. Others (a real kube-apiserver's JSON or protobuf,
other tools') are rewritten once, on the way in, by the `canonicalize` function of the resource.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from sys import intern
from types import MappingProxyType
from typing import Any, Protocol

import orjson

from kubern.storage.cacher.entry import Entry, Head
from kubern.storage.errors import CorruptValue
from kubern.util.goquote import go_quote

Attributes = tuple[Mapping[str, str], Mapping[str, str]]
"""Labels, and the selectable fields beyond metadata.name and metadata.namespace."""

FieldsOf = Callable[[dict[str, Any]], Mapping[str, str]]
Canonicalize = Callable[[bytes], bytes]

_PROTOBUF = b"k8s\0"

NOTHING: Mapping[str, str] = MappingProxyType({})


class Transformer(Protocol):
    """Turns values into what is stored and back (encryption at rest). Raises CorruptValue."""

    def from_storage(self, key: str, stored: bytes) -> bytes: ...

    def to_storage(self, key: str, value: bytes) -> bytes: ...

    def is_stale(self, stored: bytes) -> bool:
        """Whether a write of the same value would be stored differently now (another key or provider)."""


def canonical_json(value: bytes) -> bytes:
    """The canonical form of a stored value: JSON with kind, apiVersion, metadata first, no resourceVersion.

    Takes what kube-apiserver stores, protobuf or JSON. Raises ValueError when it is not a Kubernetes object.
    """
    if value.startswith(_PROTOBUF):
        from kubern.apimachinery.protobuf.envelope import decode

        obj = decode(value)
    else:
        obj = orjson.loads(value)
    if not isinstance(obj, dict) or not isinstance(obj.get("metadata"), dict):
        raise ValueError("not an object with metadata")
    kind, api_version, metadata = obj.pop("kind", ""), obj.pop("apiVersion", ""), obj.pop("metadata")
    metadata.pop("resourceVersion", None)
    return orjson.dumps({"kind": kind, "apiVersion": api_version, "metadata": metadata, **obj})


class ValueCodec:
    """Keys `PREFIX[namespace/]name` and values of one resource.

    `fields_of` gives an object's selectable fields beyond name and namespace; None when there are none.
    """

    def __init__(
        self,
        prefix: str,
        *,
        namespaced: bool,
        fields_of: FieldsOf | None = None,
        canonicalize: Canonicalize = canonical_json,
        transformer: Transformer | None = None,
    ) -> None:
        self.prefix = prefix
        self.namespaced = namespaced
        self._fields_of = fields_of
        self._canonicalize = canonicalize
        self.transformer = transformer
        self._heads: dict[bytes, Head] = {}
        self._head_bytes = b"\0"

    def key(self, namespace: str, name: str) -> str:
        return f"{self.prefix}{namespace}/{name}" if self.namespaced else self.prefix + name

    def entry_from_storage(self, key: str, mod_rev: int, stored: bytes) -> Entry:
        """The entry of a stored value that may have been written by anyone. Raises CorruptValue."""
        value = stored if self.transformer is None else self.transformer.from_storage(key, stored)
        try:
            if not self._is_canonical(value):
                value = self._canonicalize(value)
            return self.entry(key, mod_rev, value)
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptValue(key, f"unable to decode key {go_quote(key)}: {error}") from error

    def entry(self, key: str, mod_rev: int, value: bytes, attributes: Attributes | None = None) -> Entry:
        """The entry of a canonical value; with its `attributes` it need never be decoded. Raises ValueError."""
        if self.namespaced:
            namespace, _, name = key[len(self.prefix) :].partition("/")
            namespace = intern(namespace)
        else:
            namespace, name = "", key[len(self.prefix) :]
        head = self._head(value)
        if attributes is None:
            return Entry(self, key, namespace, name, mod_rev, value, head)
        return Entry(self, key, namespace, name, mod_rev, value, head, *attributes)

    def attributes_of(self, value: bytes) -> Attributes:
        """Labels and fields of a canonical value, by decoding it."""
        return self.attributes(orjson.loads(value))

    def attributes(self, obj: dict[str, Any]) -> Attributes:
        """Labels and fields of a decoded object, copied: the object may change afterwards."""
        labels = obj["metadata"].get("labels")
        fields = self._fields_of(obj) if self._fields_of is not None else None
        return (
            {intern(key): intern(value) for key, value in labels.items()} if labels else NOTHING,
            {key: intern(value) for key, value in fields.items()} if fields else NOTHING,
        )

    def _is_canonical(self, value: bytes) -> bool:
        if value[-1:] != b"}" or (not value.startswith(self._head_bytes) and _parse_head(value) is None):
            return False
        # The name is all over ordinary objects (owner references, events), so the suspicion is checked.
        return b'"resourceVersion":' not in value or "resourceVersion" not in orjson.loads(value)["metadata"]

    def _head(self, value: bytes) -> Head:
        if value.startswith(self._head_bytes):
            return self._heads[self._head_bytes]
        head = _parse_head(value)
        if head is None:
            raise ValueError("not canonical")
        self._head_bytes = value[: head.length]
        return self._heads.setdefault(self._head_bytes, head)


def _parse_head(value: bytes) -> Head | None:
    """The head of a value, None when it is not canonical."""
    head, metadata, _ = value.partition(b'","metadata":{')
    start, version, api_version = head.partition(b'","apiVersion":"')
    kind = start[9:]
    if not metadata or not version or start[:9] != b'{"kind":"' or b'"' in kind or b'"' in api_version:
        return None
    return Head(kind.decode(), api_version.decode(), len(head) + len(metadata))
