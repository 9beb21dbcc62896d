"""The greeter's hook implementations."""

from __future__ import annotations

import dataclasses
from typing import Any

from kubern.apimachinery.resource import APIGroupInfo, ResourceDefinition, VersionDefinition
from kubern.contributions import CompletionStep, FlagSection, ServerSpec
from kubern.endpoints.asgi import send_text
from kubern.hookspecs import hookimpl
from kubern.options.options import CompletedOptions, Options
from kubern.registry.strategy import Strategy
from kubern.server import GenericAPIServer


@dataclasses.dataclass
class GreeterOptions:
    """What the greeter says."""

    greeting: str = ""
    """What to say. Not given: hello from the external hostname."""


GREETINGS = ResourceDefinition(
    group="greeter.example",
    resource="greetings",
    kind="Greeting",
    versions=(VersionDefinition("v1"),),
    strategy=Strategy(),
)


@hookimpl
def kubern_register_flag_sections() -> list[FlagSection]:
    return [FlagSection("greeter", 5000, GreeterOptions)]


@hookimpl
def kubern_register_completion_steps() -> list[CompletionStep]:
    return [CompletionStep("greeting", 5000, complete_greeting)]


def complete_greeting(options: Options) -> None:
    section = options.section(GreeterOptions)
    section.greeting = section.greeting or f"hello from {options.section('generic').external_hostname}"


@hookimpl
def kubern_register_api_groups(options: CompletedOptions) -> list[APIGroupInfo]:
    return [APIGroupInfo("greeter.example", ("v1",), (GREETINGS,))]


@hookimpl
def kubern_register_servers() -> list[ServerSpec]:
    return [ServerSpec("greeter", 120, lambda config: config, new_server)]


def new_server(config: Any, delegate: GenericAPIServer | None) -> GenericAPIServer:
    server = GenericAPIServer("greeter", config, delegate)
    greeting = config.options.section(GreeterOptions).greeting

    async def greet(ctx: Any, scope: Any, receive: Any, send: Any) -> None:
        await send_text(send, 200, greeting)

    server.paths["/greeting"] = greet
    return server
