"""Resource claims: what is valid, and who may change which part of the status."""

from __future__ import annotations

from typing import Any

import pytest

_CLAIMS = "/apis/resource.k8s.io/v1/namespaces/default/resourceclaims"
_SLICES = "/apis/resource.k8s.io/v1/resourceslices"
_REF = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
_BINDING = (
    'Forbidden: changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", '
    'verb="patch" permission: resourceclaims.resource.k8s.io is forbidden: User "joe" cannot patch resource '
    '"resourceclaims/binding" in API group "resource.k8s.io" at the cluster scope'
)
_DRIVER = (
    'Forbidden: changing status.devices requires resource="resourceclaims/driver", verb="[arbitrary-node:patch]" '
    'permission: resourceclaims.resource.k8s.io "d.example" is forbidden: User "joe" cannot arbitrary-node:patch '
    'resource "resourceclaims/driver" in API group "resource.k8s.io" in the namespace "default"'
)


def _claim(*requests: dict[str, Any], **devices: Any) -> dict[str, Any]:
    return {"spec": {"devices": {"requests": list(requests), **devices}}}


def _request(name: str = "r", **exactly: Any) -> dict[str, Any]:
    return {"name": name, "exactly": {"deviceClassName": "c", **exactly}}


@pytest.mark.parametrize(
    ("body", "causes"),
    [
        (
            _claim({**_request(), "firstAvailable": [{"name": "Bad!"}]}),
            [
                (
                    "requests[0]",
                    "Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple "
                    "fields are set",
                )
            ],
        ),
        (_claim(_request(), _request()), [("requests[1]", 'Duplicate value: "r"')]),
        (
            _claim(*(_request("Bad!") for _ in range(33))),
            [("requests", "Too many: 33: must have at most 32 items")],
        ),
        (
            _claim(_request(), constraints=[{"requests": ["r", "s"], "matchAttribute": "x"}]),
            [
                ("constraints[0].requests[1]", f'Invalid value: "s": {_REF}'),
                (
                    "constraints[0].matchAttribute",
                    'Invalid value: "x": a fully qualified name must be a domain and a name separated by a slash',
                ),
            ],
        ),
        (
            _claim(_request(tolerations=[{"operator": "Exists", "effect": "PreferNoSchedule"}])),
            [
                (
                    "requests[0].exactly.tolerations[0].effect",
                    'Unsupported value: "PreferNoSchedule": supported values: "NoExecute", "NoSchedule", "None"',
                )
            ],
        ),
    ],
)
def test_new_claims(api: Any, body: dict[str, Any], causes: list[tuple[str, str]]) -> None:
    """Requests, constraints and tolerations; a list that is too long is not looked at further."""
    assert api.causes(_CLAIMS, body) == [(f"spec.devices.{field}", message) for field, message in causes]


def test_devices_of_slices(api: Any) -> None:
    """Attributes have one value and a name, devices come without shared counters."""
    device = {"name": "a", "attributes": {"x": {}, "/y": {"int": 1}}}
    spec = {
        "driver": "d.example",
        "nodeName": "n",
        "pool": {"name": "p", "resourceSliceCount": 1},
        "devices": [device, {"name": "a"}],
        "sharedCounters": [{"name": "s", "counters": {"c": {"value": "1"}}}],
    }
    assert api.causes(_SLICES, {"spec": spec}) == [
        ("spec", 'Invalid value: "": only one of `sharedCounters` or `devices` is allowed'),
        ("spec.devices[0].attributes[/y]", 'Invalid value: "": the domain must not be empty'),
        ("spec.devices[0].attributes[x]", 'Invalid value: "": exactly one value must be specified'),
        ("spec.devices[1]", 'Duplicate value: "a"'),
    ]


def test_the_status_takes_rights_of_its_own(api: Any) -> None:
    """Allocation takes the right to bind, the status of devices the right to speak for their driver."""
    path = api.create(_CLAIMS, _claim(_request())) + "/status"
    _grant(api, "status-only", ["resourceclaims/status"], ["patch", "get"])
    device = {"driver": "d.example", "pool": "p", "device": "x"}
    allocation = {"devices": {"results": [{"request": "r", **device}]}}
    both = {"status": {"allocation": allocation, "devices": [device]}}
    causes = api.patch(path, both, "joe")["details"]["causes"]
    assert [(c["field"], c["message"]) for c in causes] == [("status", _BINDING), ("status.devices", _DRIVER)]
    _grant(api, "binder", ["resourceclaims/binding"], ["patch"])
    assert api.patch(path, {"status": {"allocation": allocation}}, "joe")["status"]["allocation"]
    assert api.patch(path, both, "joe")["details"]["causes"][0]["message"] == _DRIVER
    _grant(api, "driver", ["resourceclaims/driver"], ["arbitrary-node:patch"])
    assert api.patch(path, both, "joe")["status"]["devices"] == [device]


def _grant(api: Any, name: str, resources: list[str], verbs: list[str]) -> None:
    """Lets joe do something with claims."""
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    rule = {"apiGroups": ["resource.k8s.io"], "resources": resources, "verbs": verbs}
    api.post(f"{rbac}/clusterroles", {"metadata": {"name": name}, "rules": [rule]})
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}
    subjects = [{"kind": "User", "name": "joe"}]
    bound = api.post(f"{rbac}/clusterrolebindings", {"metadata": {"name": name}, "roleRef": ref, "subjects": subjects})
    assert bound["kind"] == "ClusterRoleBinding", bound
