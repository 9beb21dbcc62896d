"""Finds plugins and asks them: the only caller of hooks, one typed method for each.

A plugin that cannot be loaded, a misspelt hook, a contribution of the wrong type and two claims to one name or
slot all stop the start with a PluginError that names the origin. Next: `builtin/`, what core itself contributes.
"""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from kubern import contributions as c
from kubern import hookspecs

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from kubern.options.options import CompletedOptions

T = TypeVar("T")
GROUP = "kubern"
BUILTIN = ("flags", "audit", "storage", "authentication", "authorization", "admission", "resources")
ESSENTIAL = frozenset(("flags",))


class PluginError(Exception):
    """A plugin, or two of them together, cannot be used; the text names it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """Where a plugin comes from: a distribution and its version, or a file."""

    plugin: str
    module: str
    source: str
    version: str = ""

    def __str__(self) -> str:
        return f"{self.plugin} ({' '.join(filter(None, (self.source, self.version)))})"


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """What a contribution must have for itself: a name, a slot, a prefix."""

    what: str
    value: object


class Plugins:
    """The loaded plugins; each method asks one hook, once, and checks the answers."""

    def __init__(self, manager: pluggy.PluginManager, origins: dict[str, Origin], disabled: Sequence[Origin]) -> None:
        self._manager = manager
        self._asked: dict[str, list[tuple[Any, Origin]]] = {}
        self.origins = origins
        self.disabled = tuple(disabled)

    def flag_sections(self) -> list[c.FlagSection]:
        """Sections of flags in the order of help."""
        return self._ask("kubern_register_flag_sections", c.FlagSection, _name_and_slot, _slot)

    def completion_steps(self) -> list[c.CompletionStep]:
        """Completion steps that follow core's own."""
        return self._ask("kubern_register_completion_steps", c.CompletionStep, _name_and_slot, _slot)

    def servers(self) -> list[c.ServerSpec]:
        """Members of the delegation chain, outermost first."""
        return self._ask("kubern_register_servers", c.ServerSpec, _name_and_slot, _slot)

    def api_groups(self, options: CompletedOptions) -> list[c.APIGroupInfo]:
        """Groups for the built-in `resources` member."""
        return self._ask("kubern_register_api_groups", c.APIGroupInfo, _group_versions, None, options=options)

    def storage_backends(self) -> list[c.StorageBackend]:
        """Storage engines."""
        return self._ask("kubern_register_storage_backends", c.StorageBackend, _name)

    def authenticators(self) -> list[c.AuthenticatorSpec]:
        """Authenticators in the order they are asked."""
        return self._ask("kubern_register_authenticators", c.AuthenticatorSpec, _name_and_slot, _slot)

    def authorizers(self) -> list[c.AuthorizerSpec]:
        """Authorization modes."""
        return self._ask("kubern_register_authorizers", c.AuthorizerSpec, lambda spec: [Claim("mode", spec.mode)])

    def admission_plugins(self) -> list[c.AdmissionPluginSpec]:
        """Admission plugins in the order they run."""
        return self._ask("kubern_register_admission_plugins", c.AdmissionPluginSpec, _name_and_slot, _slot)

    def api_service_sources(self) -> list[c.APIServiceSource]:
        """Where the aggregator learns of group-versions to register."""
        return self._ask("kubern_register_api_service_sources", c.APIServiceSource, _name)

    def post_start_hooks(self) -> list[c.PostStartHook]:
        """Work that starts with the server."""
        return self._ask("kubern_register_post_start_hooks", c.PostStartHook, _name)

    def pre_shutdown_hooks(self) -> list[c.PreShutdownHook]:
        """Work to finish before storage closes."""
        return self._ask("kubern_register_pre_shutdown_hooks", c.PreShutdownHook, _name)

    def http_routers(self) -> list[c.HTTPRouter]:
        """Routers for non-resource paths."""
        return self._ask("kubern_register_http_routers", c.HTTPRouter, _name_and_prefix)

    def contributions(self, options: CompletedOptions) -> list[tuple[str, Any, Origin]]:
        """Everything that was contributed: hook, contribution, origin."""
        for ask in (
            self.flag_sections, self.completion_steps, self.servers, self.storage_backends, self.authenticators,
            self.authorizers, self.admission_plugins, self.api_service_sources, self.post_start_hooks,
            self.pre_shutdown_hooks, self.http_routers,
        ):  # fmt: skip
            ask()
        self.api_groups(options)
        return [(hook, item, origin) for hook, answers in self._asked.items() for item, origin in answers]

    def _ask(
        self,
        hook: str,
        kind: type[T],
        claims: Callable[[Any], Iterable[Claim]],
        order: Callable[[Any], Any] | None = None,
        **arguments: Any,
    ) -> list[T]:
        if hook not in self._asked:
            answers = self._answers(hook, kind, arguments)
            _check_claims(answers, claims)
            self._asked[hook] = sorted(answers, key=lambda answer: order(answer[0])) if order else answers
        return [item for item, _ in self._asked[hook]]

    def _answers(self, hook: str, kind: type[T], arguments: dict[str, Any]) -> list[tuple[T, Origin]]:
        """What each plugin contributes, in the order of loading."""
        answers = []
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            origin = self.origins[implementation.plugin_name]
            try:
                items = implementation.function(*(arguments[name] for name in implementation.argnames))
            except Exception as error:  # a plugin's code: whatever it raises, the start stops and names the plugin
                raise PluginError(f"plugin {origin}: {hook} failed: {error!r}") from error
            for item in items if isinstance(items, list | tuple) else [items]:
                if not isinstance(item, kind):
                    raise PluginError(f"plugin {origin}: {hook} must return a list of {kind.__name__}, got {item!r}")
                answers.append((item, origin))
        return answers


def _slot(item: Any) -> Any:
    return item.slot


def _name(item: Any) -> list[Claim]:
    return [Claim("name", item.name)]


def _name_and_slot(item: Any) -> list[Claim]:
    return [Claim("name", item.name), Claim("slot", item.slot)]


def _name_and_prefix(item: Any) -> list[Claim]:
    return [Claim("name", item.name), Claim("prefix", item.prefix)]


def _group_versions(item: c.APIGroupInfo) -> list[Claim]:
    return [Claim("group-version", f"{item.group}/{version}".lstrip("/")) for version in item.versions]


def _check_claims(answers: Iterable[tuple[Any, Origin]], claims: Callable[[Any], Iterable[Claim]]) -> None:
    taken: dict[Claim, tuple[Any, Origin]] = {}
    for item, origin in answers:
        for claim in claims(item):
            if claim in taken:
                other_item, other = taken[claim]
                raise PluginError(
                    f"two plugins claim {claim.what} {claim.value!r} of {type(item).__name__}: "
                    f"{other}{_named(other_item)} and {origin}{_named(item)}"
                )
            taken[claim] = (item, origin)


def _named(item: Any) -> str:
    name = getattr(item, "name", "")
    return f" with {name!r}" if name else ""


def build_plugin_manager(disable: Iterable[str] = (), plugins_dir: str = "") -> Plugins:
    """Load core's own plugins, the installed ones (entry-point group `kubern`) and the files of `plugins_dir`.

    Raises PluginError.
    """
    blocked = set(disable)
    if blocked & ESSENTIAL:
        raise PluginError(f"plugin {', '.join(sorted(blocked & ESSENTIAL))} cannot be disabled, the start needs it")
    manager = pluggy.PluginManager("kubern")
    manager.add_hookspecs(hookspecs)
    origins: dict[str, Origin] = {}
    disabled: list[Origin] = []
    for origin, load in (*_builtin(), *_installed(), *_files(plugins_dir)):
        if origin.plugin in origins or any(origin.plugin == other.plugin for other in disabled):
            first = next(o for o in (*origins.values(), *disabled) if o.plugin == origin.plugin)
            raise PluginError(f"two plugins are named {origin.plugin!r}: {first} and {origin}")
        if origin.plugin in blocked:
            disabled.append(origin)
            continue
        origins[origin.plugin] = origin
        _register(manager, origin, load)
    unknown = sorted(blocked - {origin.plugin for origin in disabled})
    if unknown:
        raise PluginError(f"--disable-plugins: no plugin {', '.join(unknown)}; there are {', '.join(sorted(origins))}")
    return Plugins(manager, origins, disabled)


Found = tuple[Origin, Callable[[], ModuleType]]


def _builtin() -> list[Found]:
    from kubern import __name__ as package

    version = _version("kubern-core")
    found: list[Found] = []
    for name in BUILTIN:
        module = f"{package}.builtin.{name}"
        found.append((Origin(name, module, "kubern-core", version), _importer(module)))
    return found


def _importer(module: str) -> Callable[[], ModuleType]:
    return lambda: importlib.import_module(module)


def _version(distribution: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def _installed() -> list[Found]:
    from importlib.metadata import entry_points

    points: list[EntryPoint] = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    found: list[Found] = []
    for point in points:
        name, version = (point.dist.name, point.dist.version) if point.dist else ("", "")
        found.append((Origin(point.name, point.module, name, version), point.load))
    return found


def _files(directory: str) -> list[Found]:
    if not directory:
        return []
    if not Path(directory).is_dir():
        raise PluginError(f"--plugins-dir: {directory!r} is not a directory")
    found: list[Found] = []
    for path in sorted(Path(directory).glob("*.py")):
        module = f"kubern_plugins_dir_{path.stem}"
        found.append((Origin(path.stem, module, str(path)), _file_importer(module, path)))
    return found


def _file_importer(module: str, path: Path) -> Callable[[], ModuleType]:
    def load() -> ModuleType:
        from importlib.util import module_from_spec, spec_from_file_location

        spec = spec_from_file_location(module, path)
        assert spec is not None and spec.loader is not None
        loaded = sys.modules[module] = module_from_spec(spec)
        spec.loader.exec_module(loaded)
        return loaded

    return load


def _register(manager: pluggy.PluginManager, origin: Origin, load: Callable[[], ModuleType]) -> None:
    try:
        plugin = load()
    except Exception as error:  # a plugin's code: whatever it raises, the start stops and names the plugin
        raise PluginError(f"plugin {origin} failed to load: {error!r}") from error
    unmarked = [
        name
        for name, value in vars(plugin).items()
        if name.startswith("kubern_") and callable(value) and not hasattr(value, "kubern_impl")
    ]
    if unmarked:
        raise PluginError(f"plugin {origin}: {unmarked[0]} is not marked with @hookimpl")
    try:
        manager.register(plugin, origin.plugin)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginError(f"plugin {origin}: {' '.join(str(error).split())}") from error
