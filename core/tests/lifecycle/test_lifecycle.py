"""Background tasks, named signals, signals of the operating system."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from kubern.lifecycle import Lifecycle, Signal, Tasks, stop_on_signals


async def test_tasks_end_with_their_owner() -> None:
    """close() cancels what still runs and waits for it, also for tasks begun meanwhile."""
    tasks = Tasks()
    ended: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    tasks.spawn("a", work("a"))
    tasks.spawn("b", work("b"))
    await asyncio.sleep(0)
    await tasks.close()
    assert sorted(ended) == ["a", "b"]
    assert tasks.crashed == {}


async def test_a_crashed_task_is_logged_and_told(caplog: pytest.LogCaptureFixture) -> None:
    """Its name is known to whoever asks, and the health check fails."""
    tasks = Tasks()
    told: list[str] = []
    tasks.on_crash(told.append)

    async def crash() -> None:
        raise ValueError("no")

    await tasks.check()
    await asyncio.gather(tasks.spawn("controller", crash()), return_exceptions=True)
    await asyncio.sleep(0)
    assert told == ["controller"]
    assert "Background task controller crashed" in caplog.text
    with pytest.raises(RuntimeError, match="crashed: controller"):
        await tasks.check()


async def test_signals_stay_given() -> None:
    """Whoever waits later does not wait."""
    lifecycle = Lifecycle()
    assert not lifecycle.signaled(Signal.SHUTDOWN_INITIATED)
    lifecycle.signal(Signal.SHUTDOWN_INITIATED)
    lifecycle.signal(Signal.SHUTDOWN_INITIATED)
    await lifecycle.wait(Signal.SHUTDOWN_INITIATED)
    assert lifecycle.signaled(Signal.SHUTDOWN_INITIATED)


async def test_the_first_signal_stops() -> None:
    """SIGTERM asks for a graceful end."""
    stopped = asyncio.Event()
    stop_on_signals(stopped.set)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(stopped.wait(), 2)
    loop = asyncio.get_running_loop()
    loop.remove_signal_handler(signal.SIGTERM)
    loop.remove_signal_handler(signal.SIGINT)
