"""The `resources` member: groups of plugins that bring no server of their own, and Namespace when nobody else has it.

Its slot lies outside of the members that claim groups, so that it knows which are taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.resource import APIGroupInfo
from kubern.builtin.controllers.registration import enabled, hook
from kubern.builtin.namespaces import namespace_resource
from kubern.contributions import APIServiceSource, ServerSpec
from kubern.hookspecs import hookimpl
from kubern.options.kubern import KubernOptions
from kubern.server import GenericAPIServer

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

NAME = "resources"
SLOT = 150
Announce = Callable[[str, str, "tuple[int, int] | None"], None]
CORE_GROUP = APIGroupInfo(
    "", ("v1",), (namespace_resource(None),), group_priority_minimum=18000, version_priorities=(1,)
)


def build_config(config: CompletedConfig) -> CompletedConfig:
    """Nothing beyond the shared config."""
    return config


def new_server(config: Any, delegate: GenericAPIServer | None) -> GenericAPIServer:
    """Install the groups that plugins contribute, and the core group unless a delegate serves it."""
    server = GenericAPIServer(NAME, config, delegate)
    taken = {group for member in (delegate.chain() if delegate else ()) for group in member.api_groups}
    for group in config.plugins.api_groups(config.options):
        server.install_api_group(group)
        taken.add(group.group)
    if "" not in taken:
        server.install_api_group(CORE_GROUP)
    for name in enabled(config.options.section(KubernOptions).controllers):
        server.add_post_start_hook(hook(name))
    return server


def subscribe_api_services(server: GenericAPIServer, announce: Announce) -> None:
    """Name the groups of this member, and of other members that nobody speaks for, to the aggregator."""
    spoken_for = {source.name for source in server.config.plugins.api_service_sources()} - {NAME}
    for member in server.config.outermost.chain():
        if member.name in spoken_for:
            continue
        for group in member.api_groups.values():
            for version, priorities in group.priorities():
                announce(group.group, version, priorities)


@hookimpl
def kubern_register_api_service_sources() -> list[APIServiceSource]:
    return [APIServiceSource(NAME, subscribe_api_services)]


@hookimpl
def kubern_register_servers() -> list[ServerSpec]:
    return [ServerSpec(NAME, SLOT, build_config, new_server)]
