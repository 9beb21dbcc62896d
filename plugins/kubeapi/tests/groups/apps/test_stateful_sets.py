"""Stateful sets: which templates and changes are valid."""

from __future__ import annotations

from typing import Any

import pytest

_PATH = "/apis/apps/v1/namespaces/default/statefulsets"
_LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_FORBIDDEN = (
    "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
    "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


def _set(pod: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    template = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": "i"}], **(pod or {})},
    }
    return {"spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template, **spec}}


@pytest.mark.parametrize(
    ("body", "causes"),
    [
        (
            _set(volumeClaimTemplates=[{"metadata": {"name": "d"}, "spec": {}}]),
            [
                ("spec.volumeClaimTemplates[0].spec.accessModes", "Required value: at least 1 access mode is required"),
                ("spec.volumeClaimTemplates[0].spec.resources[storage]", "Required value"),
            ],
        ),
        (_set(serviceName="Bad_"), [("spec.serviceName", f'Invalid value: "Bad_": {_LABEL}')]),
        (_set({"hostname": "BAD", "subdomain": "BAD"}), []),
        (
            _set({"containers": [{"name": "c", "image": "i", "volumeMounts": [{"name": "d", "mountPath": "/d"}]}]}),
            [("spec.template.spec.containers[0].volumeMounts[0].name", 'Not found: "d"')],
        ),
    ],
)
def test_new_sets(api: Any, body: dict[str, Any], causes: list[tuple[str, str]]) -> None:
    """Claims are judged like claims; names that the controller gives each pod are not judged in the template."""
    assert api.causes(_PATH, body) == causes


def test_labels_are_judged_twice(api: Any) -> None:
    """The template's metadata is looked at as a template's and as a stateful set's."""
    body = _set()
    body["spec"]["template"]["metadata"]["labels"]["-bad"] = "x"
    assert [field for field, _ in api.causes(_PATH, body)] == ["spec.template.labels"] * 2


def test_a_fixed_field_is_not_judged_again(api: Any) -> None:
    """An invalid service name is only forbidden as a change."""
    assert api.causes_of_change(_PATH, _set(), {"spec": {"serviceName": "Bad_"}}) == [("spec", _FORBIDDEN)]


@pytest.mark.parametrize(
    ("data", "causes"),
    [
        (None, [("data", "Required value: data is mandatory")]),
        ("text", [("data", "Required value: data must be a valid JSON object")]),
        ([1], [("data", "Required value: data must be a valid JSON object")]),
        ({}, []),
    ],
)
def test_data_of_revisions(api: Any, data: Any, causes: list[tuple[str, str]]) -> None:
    """A controller revision holds an object."""
    assert api.causes("/apis/apps/v1/namespaces/default/controllerrevisions", {"revision": 1, "data": data}) == causes


def test_warnings_about_claims(api: Any) -> None:
    """Parts of bytes are warned of, at upstream's two places."""
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1500m"}}}
    body = _set(volumeClaimTemplates=[{"metadata": {"name": "d"}, "spec": claim}])
    text = '.requests[storage]: fractional byte value "1500m" is invalid, must be an integer'
    at = "spec.volumeClaimTemplates[0]"
    changed = {"spec": {"replicas": 2}}
    assert api.warnings(_PATH, body, changed) == (f"{at}.resources{text}", f"{at}.Spec.resources{text}")
