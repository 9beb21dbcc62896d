"""Helpers with which the kinds are declared. Next: any kind, e.g. `core/configmap.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubern.apimachinery.schema.model import Schema


def schema(group: str, version: str, kind: str) -> Callable[[], Schema]:
    """A getter of the kind's schema; the definitions are read when it is first called."""

    def get() -> Schema:
        from kubern_kubeapi.schema import schema_for

        return schema_for(group, version, kind)

    return get
