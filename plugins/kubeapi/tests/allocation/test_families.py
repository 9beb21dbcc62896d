"""Families and policy of a service on clusters with one and with two families."""

from __future__ import annotations

from typing import Any

import pytest

from kubern.apimachinery.errors import StatusError
from kubern_kubeapi.allocation.families import init_ip_family_fields


def service(**spec: object) -> dict[str, Any]:
    return {"metadata": {"name": "s"}, "spec": {"type": "ClusterIP", "selector": {"a": "b"}, **spec}}


@pytest.mark.parametrize(
    ("spec", "configured", "policy", "families"),
    [
        ({}, ["IPv4"], "SingleStack", ["IPv4"]),
        ({"ipFamilyPolicy": "PreferDualStack"}, ["IPv4"], "PreferDualStack", ["IPv4"]),
        ({"ipFamilyPolicy": "PreferDualStack"}, ["IPv6", "IPv4"], "PreferDualStack", ["IPv6", "IPv4"]),
        (
            {"ipFamilyPolicy": "PreferDualStack", "ipFamilies": ["IPv4"]},
            ["IPv6", "IPv4"],
            "PreferDualStack",
            ["IPv4", "IPv6"],
        ),
        (
            {"clusterIP": "None", "clusterIPs": ["None"], "selector": {}},
            ["IPv4"],
            "RequireDualStack",
            ["IPv4", "IPv6"],
        ),
        ({"clusterIP": "None", "clusterIPs": ["None"]}, ["IPv4"], "SingleStack", ["IPv4"]),
    ],
)
def test_defaults(spec: dict[str, Any], configured: list[Any], policy: str, families: list[str]) -> None:
    """A new service gets the policy and families that its fields and the cluster allow."""
    obj = service(**spec)
    init_ip_family_fields(obj, None, configured)
    assert (obj["spec"]["ipFamilyPolicy"], obj["spec"]["ipFamilies"]) == (policy, families)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            {"ipFamilyPolicy": "RequireDualStack"},
            'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
        ),
        ({"ipFamilies": ["IPv6"]}, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'),
        (
            {"clusterIP": "fd00::1", "clusterIPs": ["fd00::1"]},
            'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
        ),
        (
            {"ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4", "IPv6"]},
            "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when "
            "multiple IP families are specified",
        ),
    ],
)
def test_refusals(spec: dict[str, Any], message: str) -> None:
    """What a single-stack cluster cannot give is refused with 422."""
    with pytest.raises(StatusError) as caught:
        init_ip_family_fields(service(**spec), None, ["IPv4"])
    assert caught.value.code == 422
    assert caught.value.message == f'Service "s" is invalid: {message}'
