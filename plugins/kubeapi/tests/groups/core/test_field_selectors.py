"""What objects of the core group can be selected by."""

from __future__ import annotations

import pytest

from kubern.apimachinery.errors import StatusError
from kubern.registry.rest import ListOptions
from kubern.registry.selection import selection
from kubern_kubeapi.groups.core.group import GROUP


def _select(resource: str, selector: str) -> bool:
    """Whether an object without anything in it is chosen. Raises StatusError."""
    definition = next(r for r in GROUP.resources if r.resource == resource)
    labels = definition.versions[0].field_labels
    chosen = selection(definition, ListOptions(field_selector=selector, field_labels=labels), "")
    values = dict(definition.fields({"metadata": {}, "spec": {}, "status": {}})) if definition.fields else {}
    return chosen.fields is None or chosen.fields({"metadata.name": "", "metadata.namespace": "", **values})


@pytest.mark.parametrize(
    ("resource", "selector", "chosen"),
    [
        ("pods", "spec.host=", True),
        ("pods", "spec.host=a", False),
        ("pods", "status.podIPs=10.0.0.1", False),
        ("pods", "spec.hostNetwork=false", True),
        ("nodes", "spec.unschedulable=false", True),
        ("replicationcontrollers", "status.replicas=0", True),
        ("persistentvolumes", "metadata.namespace=", True),
    ],
)
def test_fields(resource: str, selector: str, chosen: bool) -> None:
    """Also under the names that clients of old use."""
    assert _select(resource, selector) is chosen


@pytest.mark.parametrize(
    ("resource", "selector", "message"),
    [
        ("pods", "spec.x=a", "field label not supported: spec.x"),
        ("nodes", "metadata.namespace=a", "field label not supported: metadata.namespace"),
        ("namespaces", "metadata.namespace=a", "field label not supported: metadata.namespace"),
        (
            "persistentvolumes",
            "name=a",
            '"name" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
    ],
)
def test_unknown_fields(resource: str, selector: str, message: str) -> None:
    """Kinds with fields of their own say it differently, and know no namespace when they have none."""
    with pytest.raises(StatusError) as caught:
        _select(resource, selector)
    assert caught.value.message == message
