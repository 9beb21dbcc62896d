"""Which representation a client gets: Accept headers against what an endpoint can write.

Upstream: endpoints/handlers/negotiation. Answers are kept per Accept header, so a request costs a dict lookup.
Next: `responses.py`, which writes what was chosen.
"""

from __future__ import annotations

import dataclasses
import re
from typing import NamedTuple

from kubern.apimachinery.errors import StatusError, not_acceptable

JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
ACCEPTED = (JSON, YAML, PROTOBUF)
ACCEPTED_STREAMS = ("application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch")
ACCEPTED_LISTS = (*ACCEPTED, *ACCEPTED_STREAMS)
_CACHE_SIZE = 512
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_MEDIA_TYPE = re.compile(rf"\s*({_TOKEN}/{_TOKEN})\s*").fullmatch
_PARAMETER = re.compile(rf'\s*;\s*({_TOKEN})\s*=\s*({_TOKEN}|"(?:[^"\\\r\n]|\\[^\r\n])*")').match
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?").fullmatch


@dataclasses.dataclass(frozen=True, slots=True)
class MediaType:
    """A chosen representation: `type` is JSON, YAML or PROTOBUF; `convert` is the kind asked for with `as=`.

    `convert` is "" (the object itself), Table, PartialObjectMetadata or PartialObjectMetadataList, in
    `group_version` meta.k8s.io/v1 or /v1beta1.
    """

    type: str
    convert: str = ""
    group_version: str = ""
    pretty: bool = False

    def plain(self) -> MediaType:
        """The same media type for an object that is not converted (a Status)."""
        return MediaType(self.type, pretty=self.pretty) if self.convert else self


DEFAULT = MediaType(JSON)


def parse_accept(header: str) -> list[tuple[str, dict[str, str]]]:
    """Clauses in the order in which they are tried; a clause is its media type and parameters.

    Upstream: goautoneg.ParseAccept. What it cannot read it passes over; a `*` comes after what is named, whatever
    the qualities say.
    """
    clauses: list[_Clause] = []
    for part in header.split(","):
        name, *fields = part.strip(" ").split(";")
        type_, _, subtype = name.partition("/")
        type_, subtype = type_.strip(" "), subtype or ("*" if type_.strip(" ") == "*" else "")
        if not subtype or subtype.find("/") not in (-1, len(subtype) - 1):
            continue
        params: dict[str, str] = {}
        quality = 1.0
        for field in fields:
            key, _, value = field.partition("=")
            if not value or value.find("=") not in (-1, len(value) - 1):
                continue
            value = value.removesuffix("=")
            if key.strip(" ") == "q":
                quality = _quality(value)
            else:
                params[key.strip(" ")] = value.strip(" ")
        clauses.append(_Clause(quality, type_, subtype.removesuffix("/").strip(" "), params))
    _sort(clauses)
    return [(f"{clause.type}/{clause.subtype}", clause.params) for clause in clauses]


class _Clause(NamedTuple):
    quality: float
    type: str
    subtype: str
    params: dict[str, str]

    def before(self, other: _Clause) -> bool:
        if self.quality > other.quality or (self.type != "*" and other.type == "*"):
            return True
        return self.subtype != "*" and other.subtype == "*"


def _sort(clauses: list[_Clause]) -> None:
    """Insertion sort, as Go's for so few items: `before` is no order, so another way of sorting gives another result."""
    for end in range(1, len(clauses)):
        at = end
        while at and clauses[at].before(clauses[at - 1]):
            clauses[at - 1], clauses[at] = clauses[at], clauses[at - 1]
            at -= 1


def _quality(text: str) -> float:
    try:
        return float(text) if _NUMBER(text) else 0.0
    except ValueError:
        return 0.0


def accepts(clause: str, media_type: str) -> bool:
    """Whether a clause of Accept, wildcards included, takes a media type."""
    return clause in (media_type, "*/*") or clause == media_type.partition("/")[0] + "/*"


KINDS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")


class Negotiator:
    """Chooses among the media types and `as=` kinds that a group of endpoints can write."""

    __slots__ = ("_cache", "_kinds", "_streams", "protobuf")

    def __init__(self, kinds: tuple[str, ...] = KINDS, *, protobuf: bool = True) -> None:
        self._kinds = kinds
        self.protobuf = protobuf
        """Whether the objects themselves have a protobuf form; their metadata always has."""
        self._cache: dict[str, MediaType | None] = {}
        self._streams: dict[str, MediaType | None] = {}

    def choose(self, accept: str) -> MediaType:
        """The representation for an object or list. Raises StatusError 406."""
        return self._lookup(self._cache, accept, ACCEPTED, ACCEPTED)

    def choose_stream(self, accept: str) -> MediaType:
        """The representation of a watch's events. Raises StatusError 406."""
        return self._lookup(self._streams, accept, (JSON, PROTOBUF), ACCEPTED_STREAMS)

    def _lookup(
        self, cache: dict[str, MediaType | None], accept: str, types: tuple[str, ...], names: tuple[str, ...]
    ) -> MediaType:
        try:
            found = cache[accept]
        except KeyError:
            if len(cache) >= _CACHE_SIZE:
                cache.clear()
            found = cache[accept] = self._negotiate(accept, types)
        if found is None:
            raise not_acceptable(list(names))
        return found

    def _negotiate(self, accept: str, types: tuple[str, ...]) -> MediaType | None:
        if not accept.strip():
            return DEFAULT
        for name, params in parse_accept(accept):
            for media_type in types:
                found = self._accept_params(media_type, params) if accepts(name, media_type) else None
                if found is not None:
                    return found
        return None

    def _accept_params(self, media_type: str, params: dict[str, str]) -> MediaType | None:
        """The clause's meaning, None when it asks for what is not there."""
        if params.get("sv", "v1") != "v1" or not _streams(media_type, params.get("stream", "")):
            return None
        convert = params.get("as", "")
        group, version = params.get("g", ""), params.get("v", "")
        pretty = params.get("pretty") == "1"
        if not convert and not group and not version:
            return MediaType(media_type, pretty=pretty) if self.protobuf or media_type != PROTOBUF else None
        if convert == "Table" and media_type == PROTOBUF:  # tables have no protobuf form
            return None
        if convert in self._kinds and group == "meta.k8s.io" and version in ("v1", "v1beta1"):
            return MediaType(media_type, convert, f"{group}/{version}", pretty)
        return None


def _streams(media_type: str, schema: str) -> bool:
    """Whether a media type has a form for streams of a schema; every type has one for none."""
    return not schema or (schema == "watch" and media_type != YAML)


def not_acceptable_route(produced: tuple[str, ...] = ACCEPTED) -> StatusError:
    """What the router in front of the handlers answers when nothing in Accept could fit."""
    message = "406: Not Acceptable\n\nAvailable representations: " + ", ".join(produced)
    return StatusError(406, "NotAcceptable", message, {})


def route_accepts(accept: str, produced: tuple[str, ...] = ACCEPTED) -> bool:
    """The router's own check (upstream: go-restful): some media type in Accept is one it can produce, or */*."""
    if not accept:
        return True
    names = (part.split(";", 1)[0].strip(" ") for part in accept.split(","))
    return any(name == "*/*" or name in produced for name in names)


def body_media_type(content_type: str) -> str:
    """The media type of a request body, "" when the header does not parse (upstream: mime.ParseMediaType)."""
    name, semicolon, parameters = content_type.partition(";")
    match = _MEDIA_TYPE(name)
    if match is None:
        return ""
    rest = semicolon + parameters
    seen: dict[str, str] = {}
    while (found := _PARAMETER(rest)) is not None:
        key, value = found[1].lower(), found[2]
        if seen.setdefault(key, value) != value:
            return ""
        rest = rest[found.end() :]
    return match[1].lower() if rest.strip() in ("", ";") else ""
