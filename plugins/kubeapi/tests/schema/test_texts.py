"""Descriptions that an optional distribution adds to OpenAPI documents."""

import pytest

from kubern_kubeapi.schema import schema_for
from kubern_kubeapi.schema.texts import Texts

NAME = "io.k8s.api.core.v1.EnvVar"


def test_texts_are_added() -> None:
    """A definition gets its own description and its fields'; nothing else changes."""
    pytest.importorskip("kubernetes_validate")
    raw = dict(schema_for("", "v1", "EnvVar").raw)
    described = Texts().describe(NAME, raw)
    assert described["description"].startswith("EnvVar")
    assert described["properties"]["name"].pop("description")
    assert described["properties"]["name"] == raw["properties"]["name"]


def test_unknown_definitions_stay_as_they_are() -> None:
    """Definitions without texts, or without the distribution, are left alone."""
    raw = {"type": "object"}
    assert Texts().describe("com.example.v1.Widget", raw) is raw
