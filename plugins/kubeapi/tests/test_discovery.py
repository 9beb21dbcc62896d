"""Discovery of the built-in groups against documents recorded from kube-apiserver."""

import json
import pathlib
from typing import Any

import orjson

from kubern.endpoints.discovery.cache import DiscoveryCache
from kubern_kubeapi.groups.all import API_GROUPS

DATA = pathlib.Path(__file__).parent / "data" / "discovery"
ELSEWHERE = ("apiregistration.k8s.io", "apiextensions.k8s.io")


def recorded(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text())


def test_aggregated_core_group() -> None:
    """The aggregated form of /api is the recorded one."""
    cache = DiscoveryCache(lambda: API_GROUPS)
    assert orjson.loads(cache.aggregated_core().body) == recorded("api-aggregated")


def test_aggregated_groups() -> None:
    """The aggregated form of /apis is the recorded one, without the groups of other members."""
    want = recorded("apis-aggregated")
    want["items"] = [item for item in want["items"] if item["metadata"]["name"] not in ELSEWHERE]
    cache = DiscoveryCache(lambda: API_GROUPS)
    assert orjson.loads(cache.aggregated_groups().body) == want


def test_plain_documents() -> None:
    """Resource lists and a group's document are the recorded ones, storage version hashes included."""
    cache = DiscoveryCache(lambda: API_GROUPS)
    want = recorded("plain")
    found = {
        "core-resources": cache.resources("", "v1"),
        "group-resources": cache.resources("apps", "v1"),
        "small-group": cache.resources("coordination.k8s.io", "v1"),
        "one-group": cache.group("apps"),
    }
    for name, document in found.items():
        assert document is not None
        assert orjson.loads(document.body) == want[name], name


def test_a_change_rebuilds_only_its_group() -> None:
    """When a group changes, other groups' documents stay the same objects and lists are made anew."""
    groups = list(API_GROUPS)
    cache = DiscoveryCache(lambda: groups)
    apps, batch, listed = cache.group("apps"), cache.group("batch"), cache.group_list()
    groups[:] = [g for g in groups if g.group != "apps"]
    cache.invalidate("apps")
    assert cache.group("apps") is None
    assert apps is not None
    assert cache.group("batch") is batch
    assert cache.group_list().etag != listed.etag
