"""What `kubern plugins` and `kubern flags` print: the loaded plugins, and the effective value of every flag.

Next: `cli.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kubern.options.section import section_flags

if TYPE_CHECKING:
    from kubern.options.options import CompletedOptions, Options
    from kubern.plugins import Origin, Plugins


def describe_plugins(plugins: Plugins, options: CompletedOptions) -> Iterator[str]:
    """The chain, outermost first, then each plugin with its contributions, then what is disabled."""
    contributions = plugins.contributions(options)
    by_origin: dict[Origin, list[str]] = {origin: [] for origin in plugins.origins.values()}
    servers: dict[str, Origin] = {}
    for hook, item, origin in contributions:
        by_origin[origin].append(f"{_subject(hook)}: {_label(item)}")
        if hook == "kubern_register_servers":
            servers[item.name] = origin
    yield "CHAIN"
    for server in plugins.servers():
        yield f"  {server.slot:>5}  {server.name}  {servers[server.name]}"
    yield "         not-found"
    yield ""
    yield "PLUGINS"
    for origin, labels in by_origin.items():
        yield f"  {origin}"
        yield from (f"    {label}" for label in labels)
    if plugins.disabled:
        yield ""
        yield "DISABLED"
        yield from (f"  {origin}" for origin in plugins.disabled)


def _subject(hook: str) -> str:
    """`storage backends` of `kubern_register_storage_backends`."""
    return hook.removeprefix("kubern_register_").replace("_", " ").removesuffix("s")


def _label(item: Any) -> str:
    if hasattr(item, "group"):
        return ", ".join(f"{item.group}/{version}".lstrip("/") for version in item.versions)
    name = str(getattr(item, "name", None) or getattr(item, "mode", ""))
    return f"{name} (slot {item.slot})" if hasattr(item, "slot") else name


def describe_flags(plugins: Plugins, options: Options) -> Iterator[str]:
    """`--name=value  origin` for every flag, section by section."""
    for section in plugins.flag_sections():
        instance = options.section(section.name)
        yield f"# {section.name}"
        for flag in section_flags(section.name, section.options):
            value = getattr(instance, flag.field)
            origin = options.origin(flag.name)
            if origin == "default" and value != flag.default:
                origin = "completed"
            yield f"--{flag.name}={flag.type.format(value)}  ({origin})"
