"""create_server_chain(): the members in slot order, built innermost first (upstream: CreateServerChain).

    not found <- apiextensions (300) <- kubeapi (200) <- aggregator (100)

Next: `server.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubern.config import CompletedConfig
    from kubern.server import GenericAPIServer


class EmptyChainError(Exception):
    """Every member is disabled: there is nothing to serve."""


def create_server_chain(config: CompletedConfig) -> GenericAPIServer:
    """The outermost server, its delegates behind it. Raises EmptyChainError."""
    delegate: GenericAPIServer | None = None
    for spec in sorted(config.plugins.servers(), key=lambda s: s.slot, reverse=True):
        delegate = spec.new_server(spec.build_config(config), delegate)
        config.outermost = delegate
    if delegate is None:
        raise EmptyChainError("no member of the delegation chain is left: enable at least one plugin that has one")
    return delegate
