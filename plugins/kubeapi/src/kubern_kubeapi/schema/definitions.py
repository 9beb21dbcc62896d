"""The schemas of the built-in kinds, read from the package's data file on first use.

The data is written by `scripts/build_schema_data.py`. Next: `scheme.py`.
"""

from __future__ import annotations

import functools

from kubern.apimachinery.schema.files import DefinitionFile, meta_file
from kubern.apimachinery.schema.model import Definitions, Schema

_PREFIX = "io.k8s.api"


@functools.cache
def definition_file() -> DefinitionFile:
    """The raw definitions of the built-in groups, with apimachinery's behind them."""
    return DefinitionFile("kubern_kubeapi.schema", "data", meta_file())


@functools.cache
def definitions() -> Definitions:
    """The schema nodes of the built-in kinds."""
    return Definitions(definition_file())


def definition_name(group: str, version: str, kind: str) -> str:
    """The name of a built-in kind's definition: `io.k8s.api.apps.v1.Deployment`."""
    return f"{_PREFIX}.{group.split('.')[0] or 'core'}.{version}.{kind}"


def schema_for(group: str, version: str, kind: str) -> Schema:
    """The schema of a built-in kind. Raises KeyError when there is none."""
    return definitions().get(definition_name(group, version, kind))
