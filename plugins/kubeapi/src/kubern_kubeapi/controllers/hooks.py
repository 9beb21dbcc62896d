"""The controllers as post-start hooks, under upstream's names. Next: the module of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubern.contributions import PostStartHook
    from kubern_kubeapi.allocation.hooks import ServiceAllocation
    from kubern_kubeapi.config import KubeAPIConfig


def post_start_hooks(config: KubeAPIConfig, allocation: ServiceAllocation) -> list[PostStartHook]:
    """The hooks of this member."""
    return []
