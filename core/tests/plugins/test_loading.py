"""Plugins are found, checked and named; whatever is wrong with one stops the start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kubern.plugins import PluginError, Plugins, build_plugin_manager

Loader = Callable[..., Plugins]
HEAD = "from kubern.hookspecs import hookimpl\nfrom kubern import contributions as c\n"


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    """Load one-off plugins from texts: load(name=source)."""

    def loader(disable: tuple[str, ...] = (), **sources: str) -> Plugins:
        for name, source in sources.items():
            (tmp_path / f"{name}.py").write_text(HEAD + source)
        return build_plugin_manager(disable, str(tmp_path))

    return loader


BACKEND = "@hookimpl\ndef kubern_register_storage_backends():\n    return [c.StorageBackend({name!r}, None)]\n"


def test_a_file_of_plugins_dir_is_a_plugin(load: Loader, tmp_path: Path) -> None:
    """--plugins-dir loads each .py file under its name."""
    plugins = load(tape=BACKEND.format(name="tape"))
    assert "tape" in [backend.name for backend in plugins.storage_backends()]
    assert str(plugins.origins["tape"]) == f"tape ({tmp_path / 'tape.py'})"


def test_the_built_in_plugins_are_named_with_their_version() -> None:
    """What core ships has an origin like everything else."""
    assert str(build_plugin_manager().origins["storage"]) == "storage (kubern-core 0.1.0)"


def test_a_plugin_that_raises_on_import_stops_the_start(load: Loader) -> None:
    """Fail closed: the message names plugin and reason."""
    with pytest.raises(PluginError, match=r"plugin tape \(.*tape\.py\) failed to load: ValueError\('no tape'\)"):
        load(tape="raise ValueError('no tape')\n")


def test_a_misspelt_hook_stops_the_start(load: Loader) -> None:
    """A hook that does not exist is an error, not a function nobody calls."""
    with pytest.raises(PluginError, match=r"tape.*kubern_register_storage_backend"):
        load(tape="@hookimpl\ndef kubern_register_storage_backend():\n    return []\n")


def test_a_hook_without_marker_stops_the_start(load: Loader) -> None:
    """Forgetting @hookimpl is an error too."""
    with pytest.raises(PluginError, match=r"tape.*not marked with @hookimpl"):
        load(tape="def kubern_register_storage_backends():\n    return []\n")


def test_a_wrong_argument_of_a_hook_stops_the_start(load: Loader) -> None:
    """A hook can only ask for the arguments it is called with."""
    with pytest.raises(PluginError, match=r"tape.*nonsense"):
        load(tape="@hookimpl\ndef kubern_register_api_groups(nonsense):\n    return []\n")


def test_a_contribution_of_the_wrong_type_is_named(load: Loader) -> None:
    """Hooks return what they say they return."""
    plugins = load(tape="@hookimpl\ndef kubern_register_storage_backends():\n    return ['tape']\n")
    with pytest.raises(PluginError, match=r"tape.*must return a list of StorageBackend, got 'tape'"):
        plugins.storage_backends()


def test_a_hook_that_raises_is_named(load: Loader) -> None:
    """The start stops with the plugin's name."""
    plugins = load(tape="@hookimpl\ndef kubern_register_storage_backends():\n    return 1 / 0\n")
    with pytest.raises(PluginError, match=r"tape.*kubern_register_storage_backends failed: ZeroDivisionError"):
        plugins.storage_backends()


def test_two_claims_to_one_name_name_both_origins(load: Loader) -> None:
    """Neither the first nor the last wins."""
    plugins = load(one=BACKEND.format(name="tape"), two=BACKEND.format(name="tape"))
    with pytest.raises(PluginError, match=r"claim name 'tape' of StorageBackend: one \(.*one\.py\).* and two \(.*"):
        plugins.storage_backends()


def test_two_claims_to_one_slot_name_both_origins(load: Loader) -> None:
    """The order of a chain is declared and unambiguous."""
    spec = "@hookimpl\ndef kubern_register_servers():\n    return [c.ServerSpec({name!r}, 77, None, None)]\n"
    plugins = load(one=spec.format(name="one"), two=spec.format(name="two"))
    with pytest.raises(PluginError, match=r"claim slot 77 of ServerSpec: one .* with 'one' and two .* with 'two'"):
        plugins.servers()


def test_two_plugins_of_one_name_name_both_origins(load: Loader) -> None:
    """A file cannot stand in for a built-in plugin, not even for a disabled one."""
    with pytest.raises(
        PluginError, match=r"two plugins are named 'storage': storage \(kubern-core 0.1.0\) and storage"
    ):
        load(storage="")
    with pytest.raises(PluginError, match="two plugins are named 'storage'"):
        load(("storage",), storage="")


def test_a_disabled_plugin_is_not_even_imported(load: Loader) -> None:
    """--disable-plugins leaves a plugin out by name and remembers it."""
    plugins = load(("tape",), tape="raise ValueError('no tape')\n")
    assert [origin.plugin for origin in plugins.disabled] == ["tape"]
    assert "tape" not in plugins.origins


def test_disabling_what_does_not_exist_is_an_error() -> None:
    """A misspelt name would otherwise leave the plugin in."""
    with pytest.raises(PluginError, match="--disable-plugins: no plugin agregator; there are "):
        build_plugin_manager(["agregator"])


def test_what_the_start_needs_cannot_be_disabled() -> None:
    """Without core's flags there is nothing to start."""
    with pytest.raises(PluginError, match="plugin flags cannot be disabled"):
        build_plugin_manager(["flags"])


def test_a_directory_that_does_not_exist_is_an_error() -> None:
    """--plugins-dir must be there."""
    with pytest.raises(PluginError, match="--plugins-dir: '/nowhere' is not a directory"):
        build_plugin_manager((), "/nowhere")
