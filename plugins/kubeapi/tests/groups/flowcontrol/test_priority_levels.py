"""Priority levels: which may be exempt, and what is fixed in the two that always exist."""

from __future__ import annotations

from typing import Any

import pytest

_PATH = "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations"
_ONLY = "must be 'Exempt' if and only if `name` is 'exempt'"


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        ({"type": "Odd"}, [("spec.type", 'Unsupported value: "Odd": supported values: "Exempt", "Limited"')]),
        ({"type": "Exempt"}, [("spec.type", f'Invalid value: "Exempt": {_ONLY}')]),
        (
            {"type": "Limited", "exempt": {}},
            [
                ("spec.exempt", "Forbidden: must be nil if the type is Limited"),
                ("spec.limited", "Required value: must not be empty when type is Limited"),
            ],
        ),
        (
            {"type": "Limited", "limited": {"lendablePercent": 101, "limitResponse": {"type": "Reject"}}},
            [("spec.limited.lendablePercent", "Invalid value: 101: must be between 0 and 100, inclusive")],
        ),
    ],
)
def test_new_levels(api: Any, spec: dict[str, Any], causes: list[tuple[str, str]]) -> None:
    """A level is limited unless its name is exempt."""
    assert api.causes(_PATH, {"spec": spec}) == causes


@pytest.mark.parametrize("kind", ["Limited", "Odd"])
def test_the_exempt_level_stays_exempt(api: Any, kind: str) -> None:
    """Whatever else it is called, its type is wrong, and so is its spec as a whole."""
    causes = api.patch(f"{_PATH}/exempt", {"spec": {"type": kind}})["details"]["causes"]
    assert (causes[0]["field"], causes[0]["message"]) == ("spec.type", f'Invalid value: "{kind}": {_ONLY}')
    assert causes[-1]["message"].endswith("spec of 'exempt' except the 'spec.exempt' field must equal the fixed value")


def test_shares_of_the_exempt_level_change(api: Any) -> None:
    """How many seats the exempt level lends is the administrator's choice."""
    changed = api.patch(f"{_PATH}/exempt?dryRun=All", {"spec": {"exempt": {"lendablePercent": 50}}})
    assert changed["spec"]["exempt"] == {"lendablePercent": 50, "nominalConcurrencyShares": 0}
