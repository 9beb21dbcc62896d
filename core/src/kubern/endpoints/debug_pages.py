"""/debug/pprof/ and /debug/flags/v: profiles of the running server, and its log's verbosity.

Upstream: routes.Profiling and routes.DebugFlags. On the server they are behind authorization like every path that
is no resource; --debug-socket-path serves them without. Next: `kubern/profiling/`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from kubern.endpoints.asgi import read_body, send_bytes, send_text

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

logger = logging.getLogger(__name__)
ROOT = "/debug/pprof"
FLAGS = "/debug/flags/v"
MAX_SECONDS = 300.0
"""Longest profile; a thread samples as long as it takes."""
_PLAIN = b"text/plain; charset=utf-8"
_INDEX = b"""<html><head><title>/debug/pprof/</title></head><body>
<p>Profiles of this server:</p><ul>
<li><a href="profile?seconds=10">profile</a>: CPU time by stack, for go tool pprof; debug=1 for collapsed stacks</li>
<li><a href="goroutine?debug=1">goroutine</a>: tasks and threads with what they wait for</li>
<li><a href="heap?debug=1">heap</a>: objects by type</li>
<li><a href="cmdline">cmdline</a>: the command line</li>
</ul></body></html>
"""


def install_debug_pages(server: GenericAPIServer) -> None:
    """Put the pages on the outermost member; they are not listed in the index of paths."""
    server.path_prefixes[ROOT] = _serve
    server.path_prefixes[FLAGS] = _serve


async def _serve(ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
    await serve_debug_page(scope, receive, send)


async def serve_debug_page(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request for one of the pages; an ASGI application of its own."""
    path = scope["path"]
    if path == FLAGS:
        await _set_verbosity(scope, receive, send)
    elif path == ROOT:
        await send_bytes(send, 302, b"text/html; charset=utf-8", b"", [(b"location", f"{ROOT}/".encode())])
    elif path.startswith(f"{ROOT}/"):
        query = parse_qs(scope["query_string"].decode("latin-1"))
        await _profile(path.removeprefix(f"{ROOT}/"), {name: values[0] for name, values in query.items()}, send)
    else:
        await send_text(send, 404, "404 page not found\n")


async def _profile(name: str, query: dict[str, str], send: Send) -> None:
    from kubern.profiling.state import objects, tasks_and_threads

    if name == "":
        await send_bytes(send, 200, b"text/html; charset=utf-8", _INDEX)
    elif name == "profile":
        await _cpu(query, send)
    elif name in ("goroutine", "threadcreate"):
        await send_bytes(send, 200, _PLAIN, tasks_and_threads().encode())
    elif name in ("heap", "allocs"):
        await send_bytes(send, 200, _PLAIN, objects().encode())
    elif name == "cmdline":
        await send_bytes(send, 200, _PLAIN, "\0".join(sys.argv).encode())
    else:
        await send_text(send, 404, "Unknown profile\n")


async def _cpu(query: dict[str, str], send: Send) -> None:
    from kubern.profiling.pprof import encode_pprof
    from kubern.profiling.sampler import collapsed, sample

    text = query.get("seconds", "30")
    seconds = float(text) if text.replace(".", "", 1).isdigit() else 0.0
    if not 0 < seconds <= MAX_SECONDS:
        await send_text(send, 400, f"seconds must be a number above 0 and at most {MAX_SECONDS:g}\n")
        return
    profile = await asyncio.to_thread(sample, seconds)
    if query.get("debug", "0") != "0":
        await send_bytes(send, 200, _PLAIN, collapsed(profile).encode())
        return
    extra = [(b"content-disposition", b'attachment; filename="profile"'), (b"x-content-type-options", b"nosniff")]
    await send_bytes(send, 200, b"application/octet-stream", encode_pprof(profile), extra)


async def _set_verbosity(scope: Scope, receive: Receive, send: Send) -> None:
    """PUT a number: from now on log as much as with that -v."""
    from kubern.util.log_setup import set_verbosity

    if scope["method"] != "PUT":
        await send_text(send, 406, "unrecognized http method\n")
        return
    body = await read_body(receive, {}, limit=64)
    text = body.decode("latin-1").strip()
    if not text.isdigit():
        await send_text(
            send,
            400,
            f'error: failed set klog.logging.verbosity {text}: strconv.ParseInt: parsing "{text}": invalid syntax\n',
        )
        return
    set_verbosity(int(text))
    await send_bytes(send, 200, _PLAIN, f"successfully set klog.logging.verbosity to {text}".encode())
