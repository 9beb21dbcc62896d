"""--feature-gates: known names only, locked ones stay, the rest is on or off."""

from __future__ import annotations

import pytest

from kubern.options.feature_gates import enabled_gates, feature_gate_problems, known_gates


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"WatchList": "false"}, None),
        ({"kube:WatchList": "true"}, None),
        ({"AllAlpha": "true"}, None),
        ({"SidecarContainers": "true"}, None),
        (
            {"SidecarContainers": "false"},
            "cannot set feature gate SidecarContainers to false, feature is locked to true",
        ),
        ({"WatchLst": "true"}, "unrecognized feature gate: WatchLst (did you mean WatchList?)"),
        ({"WatchList": "maybe"}, "WatchList=maybe must be true or false"),
    ],
)
def test_what_is_accepted(given: dict[str, str], problem: str | None) -> None:
    """The messages of component-base."""
    assert feature_gate_problems(given) == ([] if problem is None else [f"--feature-gates: {problem}"])


def test_what_is_on() -> None:
    """Defaults, then whole stages, then single gates."""
    assert "WatchList" in enabled_gates({})
    assert "WatchList" not in enabled_gates({"WatchList": "false"})
    assert "HPAScaleToZero" in enabled_gates({"AllAlpha": "true"})
    assert "HPAScaleToZero" not in enabled_gates({"AllAlpha": "true", "kube:HPAScaleToZero": "false"})
    assert "WatchList" not in enabled_gates({"AllBeta": "false"})


def test_names_are_unique() -> None:
    """No gate is in two groups."""
    from kubern.options import feature_gates

    names = [name for row in feature_gates._TABLE for name in row[0].split()]
    assert len(names) == len(set(names)) == len(known_gates()) - 2
