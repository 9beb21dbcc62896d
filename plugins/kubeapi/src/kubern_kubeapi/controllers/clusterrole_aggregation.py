"""Fills cluster roles that have an aggregationRule with the rules of the roles it selects.

Upstream: kube-controller-manager's clusterroleaggregation; runs with --controllers=clusterrole-aggregation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.selectors import label_selector_of
from kubern.client.loopback import LoopbackClient
from kubern.contributions import PostStartHook

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer

Object = dict[str, Any]
NAME = "clusterrole-aggregation"
_GROUP, _RESOURCE = "rbac.authorization.k8s.io", "clusterroles"


def hooks(chosen: Collection[str]) -> list[PostStartHook]:
    """The controller, if --controllers switches it on."""
    wanted = (NAME in chosen or "*" in chosen) and f"-{NAME}" not in chosen
    return [PostStartHook(f"start-{NAME}-controller", _start)] if wanted else []


async def _start(server: GenericAPIServer) -> None:
    controller = ClusterRoleAggregation(server)
    await controller.start()
    server.tasks.spawn(NAME, controller.run())


class ClusterRoleAggregation:
    """Looks at all cluster roles again whenever one of them changes."""

    def __init__(self, server: GenericAPIServer) -> None:
        self._client = LoopbackClient(server)
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Follow the cluster roles."""
        cacher = self._client.store(_GROUP, _RESOURCE).cacher
        await cacher.ready()
        cacher.subscribe(lambda _: self._changed.set())
        self._changed.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            roles = sorted(await self._client.list(_GROUP, _RESOURCE), key=lambda role: str(role["metadata"]["name"]))
            for role in roles:
                rules = aggregated_rules(role, roles)
                if rules is not None and rules != (role.get("rules") or []):
                    await self._write(role["metadata"]["name"], rules)

    async def _write(self, name: str, rules: list[Object]) -> None:
        def change(role: Object) -> None:
            role["rules"] = rules

        try:
            await self._client.update(_GROUP, _RESOURCE, "", name, change)
        except StatusError as error:
            if error.code != 404:
                raise


def aggregated_rules(role: Object, roles: list[Object]) -> list[Object] | None:
    """The rules of all selected roles but itself, each once; None for a role that aggregates nothing."""
    aggregation = role.get("aggregationRule")
    if aggregation is None:
        return None
    rules: list[Object] = []
    for selector in aggregation.get("clusterRoleSelectors") or ():
        matches = label_selector_of(selector).matches
        for other in roles:
            labels = other["metadata"].get("labels") or {}
            if other["metadata"]["name"] != role["metadata"]["name"] and matches(labels):
                rules += [rule for rule in other.get("rules") or () if rule not in rules]
    return rules
