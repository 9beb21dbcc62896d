"""Listening sockets (upstream: options.CreateListener). Next: `http.py`."""

from __future__ import annotations

import socket

BACKLOG = 2048


def listen(address: str, port: int, *, share_port: bool = False) -> socket.socket:
    """A socket listening on `address`:`port`; all addresses of both families for 0.0.0.0 and ::.

    Port 0 is any free port. Raises OSError.
    """
    unspecified = address in ("0.0.0.0", "::", "")
    both = unspecified and socket.has_dualstack_ipv6()
    if both:
        try:
            return _listen(socket.AF_INET6, "::", port, share_port, dual=True)
        except OSError:
            if address == "::":
                raise
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return _listen(family, address or "0.0.0.0", port, share_port, dual=False)


def _listen(family: socket.AddressFamily, address: str, port: int, share_port: bool, *, dual: bool) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # As Go does for every listener; --permit-address-sharing asks for nothing more.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if share_port:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if dual else 1)
        listener.bind((address, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def port_of(listener: socket.socket) -> int:
    """The port that a socket listens on."""
    return int(listener.getsockname()[1])
