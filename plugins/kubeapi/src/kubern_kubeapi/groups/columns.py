"""Table columns whose description is that of an API field. Next: `column_texts.py` holds the descriptions."""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.resource import NAME_COLUMN, Column
from kubern_kubeapi.groups.column_texts import TEXTS


def described(name: str, field: str, type: str = "string", format: str = "", priority: int = 0) -> Column:
    """A column described by a field of the API, e.g. `core.v1.ServiceSpec.clusterIP`."""
    return Column(name, type, format, TEXTS[field], priority)


CREATED_AT_COLUMN = described("Created At", "meta.v1.ObjectMeta.creationTimestamp", "date")
DEFAULT_COLUMNS = (NAME_COLUMN, CREATED_AT_COLUMN)
"""What kinds without a printer of their own show (upstream: rest.NewDefaultTableConvertor)."""


def default_cells(obj: dict[str, Any]) -> list[Any]:
    """The cells of DEFAULT_COLUMNS."""
    meta = obj["metadata"]
    return [meta["name"], meta.get("creationTimestamp")]
