"""Negotiation: which representation an Accept header gets."""

from __future__ import annotations

import pytest

from kubern.apimachinery.errors import StatusError
from kubern.endpoints.negotiation import (
    ACCEPTED_LISTS,
    DEFAULT,
    JSON,
    PROTOBUF,
    YAML,
    Negotiator,
    body_media_type,
    not_acceptable_route,
    route_accepts,
)


@pytest.mark.parametrize(
    ("accept", "media_type", "convert"),
    [
        ("", JSON, ""),
        ("*/*", JSON, ""),
        ("application/yaml", YAML, ""),
        ("application/json;q=0.5,application/yaml", YAML, ""),
        ("text/html,application/xml;q=0.9,application/json;q=0.8", JSON, ""),
        ("application/vnd.kubernetes.protobuf,application/json", PROTOBUF, ""),
        ("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", JSON, "Table"),
        ("application/json;as=Table;v=v9;g=meta.k8s.io,application/json", JSON, ""),
        ("application/json;flavour=sweet", JSON, ""),
        ("*/*,application/yaml;q=0.1", YAML, ""),
        ("application/*;q=0.9,application/yaml;q=0.1", YAML, ""),
        ("application/json;q=high,application/yaml;q=0.1", YAML, ""),
        ("application/json;as=,application/yaml", JSON, ""),
        ("application/json;as=a=b,application/yaml", JSON, ""),
        ("application/json/x,application/yaml", YAML, ""),
        ("application,application/yaml", YAML, ""),
        ("application/json;sv=v2,application/yaml;sv=v1", YAML, ""),
        ("application/yaml;stream=watch,application/json;stream=watch", JSON, ""),
        ("application/json;stream=none,application/yaml", YAML, ""),
    ],
)
def test_the_best_acceptable_clause_wins(accept: str, media_type: str, convert: str) -> None:
    """Clauses count by quality, names before wildcards, then order; what cannot be had or read is passed over."""
    chosen = Negotiator().choose(accept)
    assert (chosen.type, chosen.convert) == (media_type, convert)


@pytest.mark.parametrize("accept", ["text/html", "application/json;as=Postcard;g=meta.k8s.io;v=v1", "image/*"])
def test_nothing_acceptable_is_406(accept: str) -> None:
    """The error names what there is."""
    with pytest.raises(StatusError) as caught:
        Negotiator().choose(accept)
    assert caught.value.code == 406
    assert "application/json, application/yaml" in caught.value.message


def test_what_has_a_protobuf_form() -> None:
    """Tables have none; custom resources have none either, but their metadata has."""
    table = "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io"
    assert Negotiator().choose(table + ",application/json") == DEFAULT
    with pytest.raises(StatusError):
        Negotiator().choose_stream(table)
    custom = Negotiator(protobuf=False)
    metadata = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
    assert custom.choose(metadata).type == custom.choose_stream(metadata).type == PROTOBUF
    assert custom.choose("application/vnd.kubernetes.protobuf,application/json") == DEFAULT
    with pytest.raises(StatusError, match=PROTOBUF):
        custom.choose(PROTOBUF)


def test_yaml_cannot_be_watched() -> None:
    """Streams come as JSON or protobuf only."""
    with pytest.raises(StatusError) as caught:
        Negotiator().choose_stream("application/yaml")
    assert "application/json;stream=watch" in caught.value.message


def test_what_the_router_offers_depends_on_the_endpoint() -> None:
    """Its error names what the endpoint's verb can write."""
    assert route_accepts("text/plain", ("text/plain", JSON)) and not route_accepts("application/yaml", (JSON,))
    assert not_acceptable_route(ACCEPTED_LISTS).message == (
        "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, "
        "application/vnd.kubernetes.protobuf, application/json;stream=watch, "
        "application/vnd.kubernetes.protobuf;stream=watch"
    )


def test_the_router_knows_whole_types_only() -> None:
    """The route in front of the handlers takes */* and exact types, but no application/*."""
    assert route_accepts("*/*") and route_accepts("") and route_accepts("text/html, application/yaml")
    assert not route_accepts("application/*") and not route_accepts("text/html") and not route_accepts("text/html,")


@pytest.mark.parametrize(
    ("header", "media_type"),
    [
        ("application/JSON; charset=utf-8", JSON),
        ("application/json;", JSON),
        ('application/json; a="b;\\"c"; d=e;', JSON),
        ("application/json; a=b; A=b", JSON),
        ("application/json; a=b; a=c", ""),
        ("application/json; a", ""),
        ("application/json; a=", ""),
        ("application/json;;", ""),
        ("application/json; a=é", ""),
        ("application/json, application/yaml", ""),
        ("application/json/x", ""),
        ("json", ""),
        (";;;", ""),
    ],
)
def test_body_media_types(header: str, media_type: str) -> None:
    """Parameters are dropped; what is no media type gives an empty text."""
    assert body_media_type(header) == media_type
