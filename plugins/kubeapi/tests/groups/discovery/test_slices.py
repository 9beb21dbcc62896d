"""Endpoint slices: what is warned of, and what counts as a change."""

from __future__ import annotations

from typing import Any

import pytest

_PATH = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
_LONG = {"addressType": "IPv6", "endpoints": [{"addresses": ["fd00:0::1"]}]}
_LONG_TEXT = 'endpoints[0].addresses[0]: IPv6 address "fd00:0::1" should be in RFC 5952 canonical format ("fd00::1")'


@pytest.mark.parametrize(
    ("body", "create", "update"),
    [
        (_LONG, _LONG_TEXT, _LONG_TEXT),
        (
            {"addressType": "FQDN", "endpoints": [{"addresses": ["a.example.com"]}]},
            "spec.addressType: FQDN endpoints are deprecated",
            "",
        ),
    ],
)
def test_warnings(api: Any, body: dict[str, Any], create: str, update: str) -> None:
    """Odd addresses are warned of whenever they are written, host names only when the slice is new."""
    assert api.warnings(_PATH, body, {"metadata": {"labels": {"changed": "yes"}}}) == (create, update)


def test_slices_of_controllers_are_not_looked_at(api: Any) -> None:
    """The controllers of slices write addresses as they should be."""
    label = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
    assert api.warnings(_PATH, _LONG, {"metadata": {"labels": label}}) == (_LONG_TEXT, "")


def test_topology_that_is_dropped_counts_as_a_change(api: Any) -> None:
    """The old topology cannot be written any more, but who tries has changed the slice."""
    body = {"addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"]}]}
    changed = api.patch(
        api.create(_PATH, body), {"endpoints": [{"addresses": ["10.0.0.1"], "deprecatedTopology": {"a": "b"}}]}
    )
    assert changed["metadata"]["generation"] == 2
    assert "deprecatedTopology" not in changed["endpoints"][0]
