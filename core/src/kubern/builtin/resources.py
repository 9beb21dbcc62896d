"""The `resources` member: groups of plugins that bring no server of their own, and Namespace when nobody else has it.

Its slot lies outside of the members that claim groups, so that it knows which are taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.resource import APIGroupInfo
from kubern.builtin.controllers.registration import enabled, hook
from kubern.builtin.namespaces import namespace_resource
from kubern.contributions import ServerSpec
from kubern.hookspecs import hookimpl
from kubern.options.kubern import KubernOptions
from kubern.server import GenericAPIServer

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

SLOT = 150
CORE_GROUP = APIGroupInfo(
    "", ("v1",), (namespace_resource(None),), group_priority_minimum=18000, version_priorities=(1,)
)


def build_config(config: CompletedConfig) -> CompletedConfig:
    """Nothing beyond the shared config."""
    return config


def new_server(config: Any, delegate: GenericAPIServer | None) -> GenericAPIServer:
    """Install the groups that plugins contribute, and the core group unless a delegate serves it."""
    server = GenericAPIServer("resources", config, delegate)
    taken = {group for member in (delegate.chain() if delegate else ()) for group in member.api_groups}
    for group in config.plugins.api_groups(config.options):
        server.install_api_group(group)
        taken.add(group.group)
    if "" not in taken:
        server.install_api_group(CORE_GROUP)
    for name in enabled(config.options.section(KubernOptions).controllers):
        server.add_post_start_hook(hook(name))
    return server


@hookimpl
def kubern_register_servers() -> list[ServerSpec]:
    return [ServerSpec("resources", SLOT, build_config, new_server)]
