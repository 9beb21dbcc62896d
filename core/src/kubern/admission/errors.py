"""How admission plugins refuse (upstream: admission/errors.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.apimachinery import errors
from kubern.apimachinery.errors import GroupResource, StatusError

if TYPE_CHECKING:
    from kubern.admission.interface import Attributes


def object_name(attributes: Attributes) -> str:
    """The name to refuse under: the object's, else its generateName, else Unknown."""
    name = attributes.name
    if not name and attributes.object is not None:
        meta = attributes.object.get("metadata", {})
        name = meta.get("name") or meta.get("generateName", "")
    return name or "Unknown"


def new_forbidden(attributes: Attributes, message: str) -> StatusError:
    """403 for the object of an admission question."""
    gr = GroupResource(attributes.group, attributes.resource)
    return errors.forbidden(gr, object_name(attributes), message)
