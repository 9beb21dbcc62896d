"""Every hook a plugin can implement. All are called while the server is assembled, none during a request.

A plugin is a module whose functions are marked with `hookimpl`: installed, as an entry point of the group `kubern`
whose name is the plugin's name, or a file in `--plugins-dir`. Hooks return lists of frozen dataclasses from
`kubern.contributions`. Order is a declared slot, never the order of loading; two claims to one slot, group or name
stop the start and name both origins. Next: `plugins.py`, the only caller.
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
    """Sections of command-line flags.

    When: before the command line is read, also for --help.
    Arguments: none.
    Return: a FlagSection for each section: a dataclass whose fields are the flags and whose instance everybody finds
    as `options.section(TheDataclass)`.
    Order and conflicts: help shows sections by slot. A section's name and slot, and every flag, can be claimed once.
    Example:

        import dataclasses

        from kubern.contributions import FlagSection
        from kubern.hookspecs import hookimpl
        from kubern.options.values import Duration


        @dataclasses.dataclass
        class GreeterOptions:
            greeting: str = "hello"
            \"\"\"What to say.\"\"\"

            greeting_interval: Duration = 30
            \"\"\"How often to say it.\"\"\"

            def validate(self) -> list[str]:
                return [] if self.greeting else ["--greeting: must not be empty"]


        @hookimpl
        def kubern_register_flag_sections():
            return [FlagSection("greeter", 5000, GreeterOptions)]
    """


@hookspec
def kubern_register_completion_steps() -> list[c.CompletionStep]:  # type: ignore[empty-body]
    """Steps that complete options after core's own.

    When: once the command line is read, before validation and before anything is written.
    Arguments: none; the step itself gets the Options and changes sections in place.
    Return: a CompletionStep for each step. A step fills what was not given (`options.is_set("--flag")` tells); it
    raises nothing, validation names what is wrong.
    Order and conflicts: steps run by slot, all after core's own. Names and slots can be claimed once.
    Example:

        from kubern.contributions import CompletionStep
        from kubern.hookspecs import hookimpl
        from kubern.options.generic import GenericOptions


        def shorter_timeout(options):
            if not options.is_set("--request-timeout"):
                options.section(GenericOptions).request_timeout = 30.0


        @hookimpl
        def kubern_register_completion_steps():
            return [CompletionStep("shorter-timeout", 5000, shorter_timeout)]
    """


@hookspec
def kubern_register_servers() -> list[c.ServerSpec]:  # type: ignore[empty-body]
    """Members of the delegation chain.

    When: after the shared config is complete; members are built innermost first.
    Arguments: none; `build_config` gets the CompletedConfig, `new_server` what that returned and the delegate.
    Return: a ServerSpec for each member.
    Order and conflicts: a lower slot is further out and sees a request first; kubern's own members have 100
    (aggregator), 150 (resources), 200 (kubeapi) and 300 (apiextensions). Names and slots can be claimed once, and a
    group-version is served by the outermost member that installs it.
    Example:

        from kubern.contributions import ServerSpec
        from kubern.endpoints.asgi import send_text
        from kubern.hookspecs import hookimpl
        from kubern.server import GenericAPIServer


        async def hello(ctx, scope, receive, send):
            await send_text(send, 200, f"hello {ctx.user.name}")


        def new_server(config, delegate):
            server = GenericAPIServer("greeter", config, delegate)
            server.paths["/hello"] = hello
            return server


        @hookimpl
        def kubern_register_servers():
            return [ServerSpec("greeter", 120, lambda config: config, new_server)]
    """


@hookspec
def kubern_register_api_groups(options: CompletedOptions) -> list[c.APIGroupInfo]:  # type: ignore[empty-body]
    """API groups served by the built-in `resources` member, for plugins without a server of their own.

    When: while the `resources` member is built.
    Arguments: `options`, to leave out groups that are switched off.
    Return: an APIGroupInfo for each group, with its resources.
    Order and conflicts: discovery orders groups by `group_priority_minimum`. A group-version can be claimed once.
    Example:

        from kubern.apimachinery.resource import APIGroupInfo, ResourceDefinition, VersionDefinition
        from kubern.hookspecs import hookimpl
        from kubern.registry.strategy import Strategy

        GREETINGS = ResourceDefinition(
            group="greeter.example",
            resource="greetings",
            kind="Greeting",
            versions=(VersionDefinition("v1"),),
            strategy=Strategy(),
            short_names=("gr",),
        )


        @hookimpl
        def kubern_register_api_groups(options):
            return [APIGroupInfo("greeter.example", ("v1",), (GREETINGS,))]
    """


@hookspec
def kubern_register_storage_backends() -> list[c.StorageBackend]:  # type: ignore[empty-body]
    """Storage engines for --storage-backend.

    When: at validation, which knows the names, and when the storage is opened.
    Arguments: none; `open` gets the CompletedOptions.
    Return: a StorageBackend for each engine; `open` is awaited and returns a Store (`kubern.storage.interface`), which
    `kubern.testing.storage_contract` puts to the test.
    Order and conflicts: one engine is chosen by name. A name can be claimed once.
    Example:

        from kubern.contributions import StorageBackend
        from kubern.hookspecs import hookimpl
        from kubern.storage.memory import MemoryStore


        async def open_forgetful(options):
            return MemoryStore()


        @hookimpl
        def kubern_register_storage_backends():
            return [StorageBackend("forgetful", open_forgetful)]
    """


@hookspec
def kubern_register_authenticators() -> list[c.AuthenticatorSpec]:  # type: ignore[empty-body]
    """Ways to find out who sends a request.

    When: while the shared config is completed.
    Arguments: none; `build` gets the CompletedConfig.
    Return: an AuthenticatorSpec for each way; `build` returns an authenticator of requests or of bearer tokens
    (`kubern.authentication.interface`), or None when flags leave it off.
    Order and conflicts: asked by slot, the first answer counts; core's own have 50 to 350, anonymous requests come
    last. Names and slots can be claimed once.
    Example:

        from kubern.authentication.interface import AuthenticationResponse
        from kubern.contributions import AuthenticatorSpec
        from kubern.hookspecs import hookimpl
        from kubern.request import User


        class Greeters:
            async def authenticate_token(self, token, audiences):
                return AuthenticationResponse(User("greeter", groups=("greeters",))) if token == "hello" else None


        @hookimpl
        def kubern_register_authenticators():
            return [AuthenticatorSpec("greeters", 5000, lambda config: Greeters())]
    """


@hookspec
def kubern_register_authorizers() -> list[c.AuthorizerSpec]:  # type: ignore[empty-body]
    """Modes for --authorization-mode.

    When: at validation, which knows the names, and while the shared config is completed.
    Arguments: none; `build` gets the CompletedConfig.
    Return: an AuthorizerSpec for each mode.
    Order and conflicts: the flag's order is the order of asking, after the group system:masters. A mode can be
    claimed once.
    Example:

        from kubern.authorization.interface import Decision
        from kubern.contributions import AuthorizerSpec
        from kubern.hookspecs import hookimpl


        class ReadOnly:
            async def authorize(self, attributes):
                if attributes.verb in ("get", "list", "watch"):
                    return Decision.ALLOW, ""
                return Decision.NO_OPINION, "only reading is allowed"


        @hookimpl
        def kubern_register_authorizers():
            return [AuthorizerSpec("ReadOnly", lambda config: ReadOnly())]
    """


@hookspec
def kubern_register_admission_plugins() -> list[c.AdmissionPluginSpec]:  # type: ignore[empty-body]
    """Admission plugins, which change or refuse what is written.

    When: at validation, which knows the names, and while the shared config is completed.
    Arguments: none; `build` gets the CompletedConfig.
    Return: an AdmissionPluginSpec for each plugin; what it builds has `handles`, and `admit`, `validate` or both.
    Order and conflicts: by slot; all `admit` before all `validate`. Names and slots can be claimed once.
    Example:

        from kubern.admission.interface import CREATE
        from kubern.contributions import AdmissionPluginSpec
        from kubern.hookspecs import hookimpl


        class Stamp:
            def handles(self, operation):
                return operation == CREATE

            async def admit(self, attributes):
                if attributes.object is not None:
                    attributes.object["metadata"].setdefault("labels", {})["stamped"] = "yes"


        @hookimpl
        def kubern_register_admission_plugins():
            return [AdmissionPluginSpec("Stamp", 50000, lambda config: Stamp(), default_enabled=True)]
    """


@hookspec
def kubern_register_api_service_sources() -> list[c.APIServiceSource]:  # type: ignore[empty-body]
    """Group-versions that the aggregator registers as APIServices.

    When: when the aggregator starts; without it never.
    Arguments: none; `subscribe` gets the outermost server and a callable to tell of group-versions.
    Return: an APIServiceSource for each source of group-versions.
    Order and conflicts: none; a name can be claimed once.
    Example:

        from kubern.contributions import APIServiceSource
        from kubern.hookspecs import hookimpl


        def subscribe(server, tell):
            tell("greeter.example", "v1", (1000, 15))


        @hookimpl
        def kubern_register_api_service_sources():
            return [APIServiceSource("greeter", subscribe)]
    """


@hookspec
def kubern_register_post_start_hooks() -> list[c.PostStartHook]:  # type: ignore[empty-body]
    """Work that starts with the server and that readiness waits for.

    When: once the server listens; /readyz has a check `poststarthook/NAME` until `run` returns.
    Arguments: none; `run` is awaited with the outermost server.
    Return: a PostStartHook for each piece of work; what goes on for ever is handed to `server.tasks.spawn`. An
    exception ends the server.
    Order and conflicts: all run at once. A name can be claimed once.
    Example:

        from kubern.contributions import PostStartHook
        from kubern.hookspecs import hookimpl


        async def warm_up(server):
            server.config.shared["greeter"] = "hello"


        @hookimpl
        def kubern_register_post_start_hooks():
            return [PostStartHook("greeter-warm-up", warm_up)]
    """


@hookspec
def kubern_register_pre_shutdown_hooks() -> list[c.PreShutdownHook]:  # type: ignore[empty-body]
    """Work to finish before the storage closes.

    When: during shutdown, after the last request and before background tasks end; with `while_serving` as soon as the
    shutdown begins.
    Arguments: none; `run` is awaited with the outermost server.
    Return: a PreShutdownHook for each piece of work.
    Order and conflicts: one after the other. A name can be claimed once.
    Example:

        import logging

        from kubern.contributions import PreShutdownHook
        from kubern.hookspecs import hookimpl


        async def say_goodbye(server):
            logging.getLogger(__name__).warning("goodbye")


        @hookimpl
        def kubern_register_pre_shutdown_hooks():
            return [PreShutdownHook("greeter-goodbye", say_goodbye)]
    """


@hookspec
def kubern_register_http_routers() -> list[c.HTTPRouter]:  # type: ignore[empty-body]
    """FastAPI routers for paths outside of resources.

    When: at the first request below the prefix; FastAPI is imported then and not before.
    Arguments: none; `router` gets the outermost server and returns an APIRouter.
    Return: an HTTPRouter for each prefix. Authentication and authorization stand in front of it as everywhere: the
    user may be refused by the paths' own rules (`nonResourceURLs`).
    Order and conflicts: the longest prefix wins. Names and prefixes can be claimed once.
    Example:

        from kubern.contributions import HTTPRouter
        from kubern.hookspecs import hookimpl


        def greeter_router(server):
            from fastapi import APIRouter

            router = APIRouter()

            @router.get("/hello/{name}")
            async def hello(name: str) -> dict[str, str]:
                return {"greeting": f"hello {name}"}

            return router


        @hookimpl
        def kubern_register_http_routers():
            return [HTTPRouter("greeter", "/greeter", greeter_router)]
    """
