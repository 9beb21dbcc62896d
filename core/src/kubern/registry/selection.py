"""Selectors of a list or watch, checked against what a resource can be selected by."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from kubern.apimachinery.errors import bad_request
from kubern.apimachinery.selectors import (
    Requirement,
    Selector,
    SelectorError,
    parse_field_selector,
    parse_label_selector,
)
from kubern.storage.cacher import EVERYTHING, Selection
from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.registry.rest import ListOptions

_META_FIELDS = ("metadata.name", "metadata.namespace")


def parse_selectors(options: ListOptions) -> tuple[Selector, Selector]:
    """The label and the field selector. Raises StatusError 400."""
    try:
        return parse_label_selector(options.label_selector), parse_field_selector(options.field_selector)
    except SelectorError as error:
        raise bad_request(str(error)) from None


def selection(definition: ResourceDefinition, options: ListOptions, namespace: str) -> Selection:
    """The compiled selectors. Raises StatusError 400 for a bad selector or an unknown field."""
    if not options.label_selector and not options.field_selector:
        return Selection(namespace) if namespace else EVERYTHING
    labels, fields = parse_selectors(options)
    if options.field_labels is not None:
        fields = Selector(tuple(_translated(r, options.field_labels) for r in fields.requirements))
    for requirement in fields.requirements:
        check_field(definition, requirement.key)
    return Selection(
        namespace,
        fields.exact("metadata.name") or "",
        None if labels.empty else labels.matches,
        None if fields.empty else fields.matches,
    )


def _translated(requirement: Requirement, labels: Mapping[str, str]) -> Requirement:
    """A requirement of another version in the storage version's names. Raises StatusError 400."""
    if requirement.key in _META_FIELDS:
        return requirement
    if requirement.key not in labels:
        raise bad_request(f"field label not supported: {requirement.key}")
    return dataclasses.replace(requirement, key=labels[requirement.key])


def check_field(definition: ResourceDefinition, key: str) -> None:
    """Raises StatusError 400 when the resource cannot be selected by `key`."""
    custom = definition.typed_items
    chosen = custom or definition.selectable_fields
    if key in _META_FIELDS and not (chosen and key == "metadata.namespace" and not definition.namespaced):
        return
    if key in definition.selectable_fields:
        return
    if chosen:
        raise bad_request(f"field label not supported: {key}")
    known = ", ".join(go_quote(f) for f in _META_FIELDS)
    raise bad_request(f"{go_quote(key)} is not a known field selector: only {known}")
