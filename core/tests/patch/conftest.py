"""The schemas of some built-in kinds, from an excerpt of the OpenAPI document."""

from __future__ import annotations

import pathlib

import orjson
import pytest

from kubern.apimachinery.schema.model import Definitions

_DATA = pathlib.Path(__file__).parent.parent / "data"


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    return Definitions(orjson.loads((_DATA / "definitions.json").read_bytes()))
