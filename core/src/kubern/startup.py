"""A start, from options to the last request: its table of contents.

Next: `options/completion.py`, `options/first_start.py`, `ports.py`, `config.py`, `chain.py`, `server.py`, `running.py`,
in the order of the calls below.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kubern.lifecycle import StartError, stop_on_signals
from kubern.options.options import InvalidOptions, complete

if TYPE_CHECKING:
    from kubern.options.options import CompletedOptions, Options
    from kubern.plugins import Plugins


def run(options: Options, plugins: Plugins) -> None:
    """Serve until stopped by a signal. Raises InvalidOptions before anything is written, StartError after that."""
    import uvloop

    completed = prepare(options, plugins)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve_until_signaled(completed))


def prepare(options: Options, plugins: Plugins) -> CompletedOptions:
    """Complete, validate, then make the files of the first start. Raises InvalidOptions, StartError."""
    from kubern.options.first_start import make_files

    completed = complete(options, plugins)
    problems = completed.validate()
    if problems:
        raise InvalidOptions(problems)
    try:
        make_files(completed.facts)
    except OSError as error:
        raise StartError(f"cannot write {error.filename!r}: {error.strerror}") from error
    return completed


async def serve(completed: CompletedOptions, stop: asyncio.Event, ready: Callable[[str], None]) -> None:
    """Serve until `stop` is set; `ready` gets the server's URL once it is ready. Raises StartError."""
    from kubern.chain import EmptyChainError, create_server_chain
    from kubern.config import Config
    from kubern.options.features import FeatureOptions
    from kubern.ports import Ports
    from kubern.running import run_until_stopped
    from kubern.serving.debug_socket import debug_socket
    from kubern.storage.errors import StorageError

    with Ports(completed) as ports:
        try:
            config = await Config(completed, completed.plugins).complete()
            config.secure_port = urlsplit(ports.url).port or 0
            prepared = create_server_chain(config).prepare_run()
            ports.write_admin_kubeconfig()
            async with debug_socket(completed.section(FeatureOptions).debug_socket_path):
                await run_until_stopped(prepared, ports, stop, lambda: ready(ports.url))
        except (EmptyChainError, StorageError, OSError) as error:
            raise StartError(str(error)) from error


async def _serve_until_signaled(completed: CompletedOptions) -> None:
    gc.enable()
    stop = asyncio.Event()
    stop_on_signals(stop.set)
    await serve(completed, stop, lambda url: _announce(completed, url))


def _announce(completed: CompletedOptions, url: str) -> None:
    """Tell the user how to go on."""
    gc.freeze()  # modules, schemas and declarations stay for ever: collections need not look at them
    sys.stdout.write(f"Ready at {url}\n")
    if completed.facts.files.makes_client_ca:
        sys.stdout.write(
            f"\n  export KUBECONFIG={completed.facts.files.admin_kubeconfig}\n  kubectl get namespaces\n\n"
        )
    sys.stdout.flush()
