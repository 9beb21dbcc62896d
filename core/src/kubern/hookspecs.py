"""Every hook a plugin can implement. All are called while the server is assembled, none during a request.

A plugin is a module (entry-point group `kubern`) whose functions are marked with `hookimpl`. Hooks return
lists of frozen dataclasses from `kubern.contributions`; order is a declared slot; two claims to one slot,
group or name stop the start and name both origins. Next: `plugins.py`, the only caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from kubern import contributions as c
    from kubern.options.options import CompletedOptions

hookspec = pluggy.HookspecMarker("kubern")
hookimpl = pluggy.HookimplMarker("kubern")


@hookspec
def kubern_register_flag_sections() -> list[c.FlagSection]:  # type: ignore[empty-body]
    """Sections of command-line flags."""


@hookspec
def kubern_register_completion_steps() -> list[c.CompletionStep]:  # type: ignore[empty-body]
    """Steps that complete options after core's own."""


@hookspec
def kubern_register_servers() -> list[c.ServerSpec]:  # type: ignore[empty-body]
    """Members of the delegation chain."""


@hookspec
def kubern_register_api_groups(options: CompletedOptions) -> list[c.APIGroupInfo]:  # type: ignore[empty-body]
    """API groups served by the built-in `resources` member, for plugins without a server of their own."""


@hookspec
def kubern_register_storage_backends() -> list[c.StorageBackend]:  # type: ignore[empty-body]
    """Storage engines for --storage-backend."""


@hookspec
def kubern_register_authenticators() -> list[c.AuthenticatorSpec]:  # type: ignore[empty-body]
    """Ways to find out who asks."""


@hookspec
def kubern_register_authorizers() -> list[c.AuthorizerSpec]:  # type: ignore[empty-body]
    """Modes for --authorization-mode."""


@hookspec
def kubern_register_admission_plugins() -> list[c.AdmissionPluginSpec]:  # type: ignore[empty-body]
    """Admission plugins."""


@hookspec
def kubern_register_api_service_sources() -> list[c.APIServiceSource]:  # type: ignore[empty-body]
    """Group-versions for the aggregator to register."""


@hookspec
def kubern_register_post_start_hooks() -> list[c.PostStartHook]:  # type: ignore[empty-body]
    """Work that starts with the server and that readiness waits for."""


@hookspec
def kubern_register_pre_shutdown_hooks() -> list[c.PreShutdownHook]:  # type: ignore[empty-body]
    """Work to finish before storage closes."""


@hookspec
def kubern_register_http_routers() -> list[c.HTTPRouter]:  # type: ignore[empty-body]
    """FastAPI routers for non-resource paths."""
