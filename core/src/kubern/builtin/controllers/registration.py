"""The controllers as post-start hooks, for those that --controllers names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from kubern.builtin.controllers.garbage_collector import GarbageCollector
from kubern.builtin.controllers.namespace import NamespaceController
from kubern.contributions import PostStartHook

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer

Controller = NamespaceController | GarbageCollector
CONTROLLERS: dict[str, Callable[[GenericAPIServer], Controller]] = {
    "namespace": NamespaceController,
    "garbage-collector": GarbageCollector,
}


def enabled(names: Iterable[str]) -> list[str]:
    """The names that a flag's value means; `*` is all of them, `-name` takes one out."""
    names = set(names)
    chosen = [n for n in CONTROLLERS if n in names or "*" in names]
    return [n for n in chosen if f"-{n}" not in names]


def hook(name: str) -> PostStartHook:
    """The post-start hook that runs a controller."""
    return PostStartHook(f"start-{name}-controller", _runner(CONTROLLERS[name]))


def _runner(make: Callable[[GenericAPIServer], Controller]) -> Callable[[GenericAPIServer], Awaitable[None]]:
    async def run(server: GenericAPIServer) -> None:
        controller = make(server)
        await controller.start()
        server.tasks.spawn(type(controller).__name__, controller.run())

    return run
