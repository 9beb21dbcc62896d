"""Definitions that kube-apiserver accepted or refused, with the causes it gave."""

from __future__ import annotations

import copy
import json
import pathlib
from typing import Any

import pytest

from kubern_apiextensions.api.defaults import set_defaults
from kubern_apiextensions.api.validation.crd import validate_crd

CASES = json.loads((pathlib.Path(__file__).parents[1] / "data" / "definition-errors.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_recorded_errors(case: dict[str, Any]) -> None:
    """A refused definition gives the recorded causes in the recorded order; a good one gives none."""
    crd = copy.deepcopy(case["body"])
    crd["metadata"].pop("namespace", None)
    set_defaults(crd)
    got = [{"reason": e.type.reason, "message": e.body(), "field": e.field} for e in validate_crd(crd)]
    assert got == case["causes"]
