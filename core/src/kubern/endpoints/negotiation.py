"""Which representation a client gets: Accept headers against what an endpoint can write.

Upstream: endpoints/handlers/negotiation. Answers are kept per Accept header, so a request costs a dict lookup.
Next: `responses.py`, which writes what was chosen.
"""

from __future__ import annotations

import dataclasses
import re

from kubern.apimachinery.errors import StatusError, not_acceptable

JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
ACCEPTED = (JSON, YAML, PROTOBUF)
ACCEPTED_STREAMS = ("application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch")
_CACHE_SIZE = 512
_PARAMETER = re.compile(r'\s*[!#$%&\'*+\-.^_`|~0-9A-Za-z]+\s*=\s*([^\s"]+|"[^"]*")\s*').fullmatch


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
    """Clauses by falling quality, in order; a clause is its media type and parameters."""
    clauses = []
    for position, part in enumerate(header.split(",")):
        fields = [f.strip() for f in part.split(";")]
        name = fields[0]
        if not name:
            continue
        params = {key.strip(): value.strip() for key, _, value in (field.partition("=") for field in fields[1:])}
        params.pop("", None)
        quality = _quality(params.pop("q", "1"))
        clauses.append((-quality, -_specificity(name), position, name, params))
    clauses.sort(key=lambda c: (c[0], c[1], c[2]))
    return [(name, params) for _, _, _, name, params in clauses]


def _quality(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 0.0


def accepts(clause: str, media_type: str) -> bool:
    """Whether a clause of Accept, wildcards included, takes a media type."""
    return clause in (media_type, "*/*", "*") or clause == media_type.partition("/")[0] + "/*"


def _specificity(name: str) -> int:
    if name in ("*/*", "*"):
        return 0
    return 1 if name.endswith("/*") else 2


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


def not_acceptable_route(produced: tuple[str, ...] = ACCEPTED) -> StatusError:
    """What the router in front of the handlers answers when nothing in Accept could fit."""
    message = "406: Not Acceptable\n\nAvailable representations: " + ", ".join(produced)
    return StatusError(406, "NotAcceptable", message, {})


def route_accepts(accept: str, produced: tuple[str, ...] = ACCEPTED) -> bool:
    """The router's own check (upstream: go-restful): some media type in Accept is one it can produce, or */*."""
    if not accept:
        return True
    for part in accept.split(","):
        name = part.split(";", 1)[0].strip()
        if name == "*/*" or name in produced or name == "":
            return True
    return False


def body_media_type(content_type: str) -> str:
    """The media type of a request body, "" when the header does not parse (upstream: mime.ParseMediaType)."""
    name, *parameters = content_type.split(";")
    name = name.strip().lower()
    if "/" not in name or not all(
        map(_PARAMETER, parameters[:-1] if content_type.rstrip().endswith(";") else parameters)
    ):
        return ""
    return name
