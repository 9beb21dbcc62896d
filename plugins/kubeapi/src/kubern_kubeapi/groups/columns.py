"""Table columns whose description is that of an API field. Next: `column_texts.py` holds the descriptions."""

from __future__ import annotations

from kubern.apimachinery.resource import Column
from kubern_kubeapi.groups.column_texts import TEXTS


def described(name: str, field: str, type: str = "string", format: str = "", priority: int = 0) -> Column:
    """A column described by a field of the API, e.g. `core.v1.ServiceSpec.clusterIP`."""
    return Column(name, type, format, TEXTS[field], priority)
