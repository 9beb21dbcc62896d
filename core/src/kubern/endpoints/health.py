"""/healthz, /livez and /readyz: named checks, singly or together (upstream: server/healthz).

A check is an async callable that raises when it is not well. Post-start hooks are checks until they are done.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from kubern.endpoints.asgi import send_text
from kubern.endpoints.director import not_found
from kubern.options.etcd import EtcdOptions
from kubern.options.generic import GenericOptions

if TYPE_CHECKING:
    from kubern.config import CompletedConfig
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.request import RequestContext

logger = logging.getLogger(__name__)
Check = Callable[[], Awaitable[None]]
_TEXT = b"text/plain; charset=utf-8"


class NotHealthyError(Exception):
    """A check's reason for failing."""


class Health:
    """The checks of one server, in the order in which they were added."""

    def __init__(self, config: CompletedConfig) -> None:
        self.config = config
        self._checks: dict[str, Check] = {"ping": _always, "log": _always, "loopback-serving-certificate": _always}
        etcd = config.options.section(EtcdOptions)
        self._checks["etcd"] = functools.partial(self._storage, etcd.etcd_healthcheck_timeout)
        self._ready_first: dict[str, Check] = {
            "etcd-readiness": functools.partial(self._storage, etcd.etcd_readycheck_timeout),
            "informer-sync": self._caches_filled,
        }
        self._ready_only: dict[str, Check] = {}
        self._hooks: set[str] = set()
        self._done: set[str] = set()
        self._live_after = time.monotonic() + config.options.section(GenericOptions).livez_grace_period
        self._synced = False
        self._shutting_down = False
        self.add_ready("shutdown", self._not_shutting_down)

    def add(self, name: str, check: Check) -> None:
        """A check of all three endpoints."""
        self._checks[name] = check

    def add_ready(self, name: str, check: Check) -> None:
        """A check of /readyz alone."""
        self._ready_only[name] = check

    def add_hook(self, name: str) -> None:
        """The check `poststarthook/NAME`, bad until `hook_done(name)`; /livez has patience with it at first."""

        async def check() -> None:
            if name not in self._done:
                raise NotHealthyError("not finished")

        self._hooks.add(f"poststarthook/{name}")
        self.add(f"poststarthook/{name}", check)

    def hook_done(self, name: str) -> None:
        self._done.add(name)

    def informers_synced(self) -> None:
        self._synced = True

    def shut_down(self) -> None:
        """From now on /readyz fails."""
        self._shutting_down = True

    async def _storage(self, timeout: float) -> None:
        """Every backend answers, all of them within `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                for store in self.config.storage_factory.stores():
                    await store.healthy()
        except TimeoutError:
            raise NotHealthyError("error getting data from storage: context deadline exceeded") from None

    async def _caches_filled(self) -> None:
        """The watch caches that the start waits for have their first content."""
        if not self._synced:
            raise NotHealthyError("informers not synced yet")

    async def _not_shutting_down(self) -> None:
        if self._shutting_down:
            raise NotHealthyError("process is shutting down")

    def checks(self, endpoint: str) -> dict[str, Check]:
        """The checks of `healthz`, `livez` or `readyz`, in order."""
        if endpoint == "livez" and time.monotonic() < self._live_after:
            return {name: _always if name in self._hooks else check for name, check in self._checks.items()}
        if endpoint != "readyz":
            return self._checks
        names = list(self._checks)
        before = dict.fromkeys(names[: names.index("etcd") + 1])
        merged = {**before, **self._ready_first, **dict.fromkeys(names), **self._ready_only}
        return {name: check or self._checks[name] for name, check in merged.items()}

    async def serve(self, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer /ENDPOINT and /ENDPOINT/CHECK."""
        parts = ctx.info.path.strip("/").split("/", 1)
        endpoint = parts[0]
        checks = self.checks(endpoint)
        if len(parts) == 2:
            check = checks.get(parts[1])
            if check is None:
                await not_found(send)
                return
            await self._serve_one(check, send)
            return
        await self._serve_all(ctx, endpoint, checks, send)

    async def _serve_one(self, check: Check, send: Send) -> None:
        from kubern.endpoints.asgi import send_bytes

        reason = await _run(check)
        if reason:
            await send_text(send, 500, f"internal server error: {reason}\n")
            return
        await send_bytes(send, 200, _TEXT, b"ok")

    async def _serve_all(self, ctx: RequestContext, endpoint: str, checks: dict[str, Check], send: Send) -> None:
        from kubern.endpoints.asgi import send_bytes

        excluded = set(ctx.query.get("exclude", ()))
        lines: list[str] = []
        failed: list[str] = []
        for name, check in checks.items():
            if name in excluded:
                lines.append(f"[+]{name} excluded: ok\n")
                continue
            reason = await _run(check)
            if reason:
                failed.append(name)
                lines.append(f"[-]{name} failed: reason withheld\n")
            else:
                lines.append(f"[+]{name} ok\n")
        unknown = sorted(excluded - checks.keys())
        if unknown:
            names = ", ".join(f'"{n}"' for n in unknown)
            lines.append(f"warn: some health checks cannot be excluded: no matches for {names}\n")
        if failed:
            logger.warning("%s check failed: %s", endpoint, ", ".join(failed))
            await send_text(send, 500, "".join(lines) + f"{endpoint} check failed\n")
            return
        verbose = "verbose" in ctx.query
        text = "".join(lines) + f"{endpoint} check passed\n" if verbose else "ok"
        await send_bytes(send, 200, _TEXT, text.encode(), [(b"x-content-type-options", b"nosniff")])


async def _always() -> None:
    return


async def _run(check: Check) -> str:
    """ "" when the check is good, else why not."""
    try:
        await check()
    except Exception as error:  # noqa: BLE001 - a check may fail in any way; that is what it is for
        return str(error) or type(error).__name__
    return ""
