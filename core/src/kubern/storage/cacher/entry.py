"""One cached object: its stored bytes, what selectors look at, and the bytes clients get; next: `codec.py`.

A stored value is canonical when it begins with `{"kind":K,"apiVersion":V,"metadata":{` and its metadata has no
resourceVersion. Everything served is then spliced from it: the revision goes in front of the first metadata
field, nothing is decoded or encoded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

if TYPE_CHECKING:
    from kubern.storage.cacher.codec import ValueCodec


class Head(NamedTuple):
    """How canonical values of one kind and version begin; shared by all their entries."""

    kind: str
    api_version: str
    length: int
    """Bytes up to and including the brace that opens metadata."""


class Entry:
    """An object at one revision. Immutable for its readers; `value` is the store's own bytes object.

    `encoded` is a scratch dictionary for whoever derives other forms (a table row, YAML, protobuf) and wants to
    find them again while the object is hot; None until somebody needs it.
    """

    __slots__ = ("_fields", "_labels", "codec", "encoded", "head", "key", "mod_rev", "name", "namespace", "value")

    def __init__(
        self,
        codec: ValueCodec,
        key: str,
        namespace: str,
        name: str,
        mod_rev: int,
        value: bytes,
        head: Head,
        labels: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        self.codec = codec
        self.key = key
        self.namespace = namespace
        self.name = name
        self.mod_rev = mod_rev
        self.value = value
        self.head = head
        self._labels = labels
        self._fields = fields
        self.encoded: dict[Any, Any] | None = None

    def __repr__(self) -> str:
        return f"<Entry {self.key} at {self.mod_rev}>"

    # -- what selectors look at

    @property
    def labels(self) -> Mapping[str, str]:
        """metadata.labels."""
        labels = self._labels
        if labels is None:
            labels = self._load_attributes()[0]
        return labels

    @property
    def fields(self) -> Mapping[str, str]:
        """Selectable fields beyond metadata.name and metadata.namespace."""
        fields = self._fields
        if fields is None:
            fields = self._load_attributes()[1]
        return fields

    def field_set(self) -> dict[str, str]:
        """All selectable fields, as a field selector's predicate wants them."""
        out = {"metadata.name": self.name}
        if self.codec.namespaced:
            out["metadata.namespace"] = self.namespace
        fields = self._fields
        if fields is None:
            fields = self._load_attributes()[1]
        out.update(fields)
        return out

    def _load_attributes(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        self._labels, self._fields = attributes = self.codec.attributes_of(self.value)
        return attributes

    # -- what clients get

    def body(self) -> bytes:
        """`"metadata":{"resourceVersion":"N",...},...}`: what follows kind and apiVersion on the wire."""
        value, at = self.value, self.head.length
        return b'"metadata":{"resourceVersion":"%d"%b%b' % (self.mod_rev, _comma(value, at), value[at:])

    def item(self) -> tuple[bytes, bytes]:
        """The object as an item of a list of its kind, without kind and apiVersion: two pieces, to be joined."""
        value, at = self.value, self.head.length
        return b'{"metadata":{"resourceVersion":"%d"%b' % (self.mod_rev, _comma(value, at)), value[at:]

    def object(self) -> bytes:
        """The whole object as JSON, in the version it is stored in."""
        value, at = self.value, self.head.length
        return b'%b"resourceVersion":"%d"%b%b' % (value[:at], self.mod_rev, _comma(value, at), value[at:])

    def decode(self) -> dict[str, Any]:
        """A fresh dict, owned by the caller, with kind, apiVersion and metadata.resourceVersion."""
        obj: dict[str, Any] = orjson.loads(self.value)
        obj["metadata"]["resourceVersion"] = str(self.mod_rev)
        return obj

    def at_revision(self, rev: int) -> Entry:
        """The same content under another revision, as deletions are reported; attributes are shared."""
        return Entry(
            self.codec,
            self.key,
            self.namespace,
            self.name,
            rev,
            self.value,
            self.head,
            self._labels,
            self._fields,
        )


def _comma(value: bytes, at: int) -> bytes:
    return b"" if value[at : at + 1] == b"}" else b","
