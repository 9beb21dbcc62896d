"""Ingress classes: how they are shown."""

from __future__ import annotations

from typing import Any

import pytest

_PATH = "/apis/networking.k8s.io/v1/ingressclasses"


@pytest.mark.parametrize(("marked", "suffix"), [("true", " (default)"), ("false", "")])
def test_the_default_class_is_marked(api: Any, marked: str, suffix: str) -> None:
    """Tables say which class ingresses get that name none."""
    annotations = {"ingressclass.kubernetes.io/is-default-class": marked}
    path = api.create(_PATH, {"metadata": {"annotations": annotations}, "spec": {"controller": "example.com/c"}})
    row = api.get(path, "application/json;as=Table;v=v1;g=meta.k8s.io")["rows"][0]
    assert row["cells"][0] == path.rsplit("/", 1)[-1] + suffix
