"""The commands `kubern` and `kube-apiserver`.

`start` reads its arguments itself, as kube-apiserver does, because its flags come from plugins and because a start
should not wait for a command-line library; Typer serves the other commands. Next: `startup.py`.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from kubern.lifecycle import StartError
from kubern.options.collect import DuplicateFlag, plugin_choice, read_options
from kubern.options.everywhere import GlobalOptions
from kubern.options.logs import LogOptions
from kubern.options.options import InvalidOptions
from kubern.plugins import PluginError, Plugins, build_plugin_manager
from kubern.util.log_setup import set_up_logging
from kubern.version import KUBERNETES_VERSION, kubern_version, version_info

if TYPE_CHECKING:
    import typer

    from kubern.options.options import Options

logger = logging.getLogger(__name__)
ABOUT = (
    "The Kubernetes API server: validates and stores the objects of the API and serves them to all clients of the "
    "cluster. Members of its delegation chain are plugins."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """`kubern COMMAND`; the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["start"]:
        return start(given[1:], "kubern start")
    build_app()(args=given, prog_name="kubern")  # exits
    return 0


def kube_apiserver_main(arguments: Sequence[str] | None = None) -> int:
    """`kube-apiserver`: the flags of `kubern start` without a command."""
    return start(list(sys.argv[1:] if arguments is None else arguments), "kube-apiserver")


def start(arguments: Sequence[str], program: str) -> int:
    """Serve until stopped, or print help or the version; the exit status."""
    gc.disable()  # importing makes no garbage; `startup.py` switches it on again for serving
    from kubern.startup import run

    try:
        options, plugins = load(arguments)
        wanted = options.section(GlobalOptions)
        if wanted.help:
            print_help(program, plugins)
        elif wanted.version:
            print_version(wanted.version)
        else:
            _log(options)
            run(options, plugins)
    except (PluginError, DuplicateFlag, StartError) as error:
        return fail([str(error)])
    except InvalidOptions as error:
        return fail(error.problems)
    return 0


def _log(options: Options) -> None:
    """Set up logging and say what is deprecated or has no effect among the flags given."""
    section = options.section(LogOptions)
    split = section.log_json_split_stream if section.logging_format == "json" else section.log_text_split_stream
    set_up_logging(section.v, section.logging_format, section.vmodule, split=split)
    for note in options.notes:
        logger.warning("Flag %s", note)


def load(arguments: Sequence[str]) -> tuple[Options, Plugins]:
    """The plugins that the arguments choose, and the options that these plugins' flags make of the arguments.

    Raises PluginError, DuplicateFlag.
    """
    choice = plugin_choice(arguments, os.environ)
    plugins = build_plugin_manager(choice.disable_plugins, choice.plugins_dir)
    return read_options(plugins.flag_sections(), arguments, os.environ), plugins


def fail(problems: Sequence[str]) -> int:
    """Print what is wrong to standard error; the exit status."""
    if len(problems) == 1:
        sys.stderr.write(f"Error: {problems[0]}\n")
    else:
        sys.stderr.write(f"Error: {len(problems)} problems with the options:\n")
        sys.stderr.writelines(f"  {problem}\n" for problem in problems)
    return 1


def print_version(wanted: str) -> None:
    """The version as kube-apiserver prints it."""
    sys.stdout.write(f"{version_info() if wanted == 'raw' else f'Kubernetes {KUBERNETES_VERSION}'}\n")


def print_help(program: str, plugins: Plugins) -> None:
    """All flags, section by section, in panels as wide as the terminal."""
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text

    from kubern.options.help import section_help, section_title

    console = Console()
    console.print(Text(f"\nUsage: {program} [flags]\n\n{ABOUT}\n"))
    for section in plugins.flag_sections():
        text = Text(section_help(section, console.width - 4))
        text.highlight_regex(r"(?m)^  -.*$", "bold")
        console.print(Panel(text, title=section_title(section), title_align="left", border_style="dim"))


def build_app() -> typer.Typer:
    """The Typer application with all commands."""
    import typer

    app = typer.Typer(help=f"kubern {kubern_version()}: {ABOUT}", no_args_is_help=True, add_completion=False)
    for name, function, summary in (
        ("start", lambda arguments: start(arguments, "kubern start"), "Start the server; --help lists its flags."),
        (
            "plugins",
            plugins_command,
            "List the chain and all plugins: origin, version, contributions, what is disabled.",
        ),
        ("kubeconfig", kubeconfig_command, "Print the kubeconfig of the administrator that the first start made."),
        ("flags", flags_command, "Print the effective value of every flag and where it comes from."),
        ("gates", gates_command, "List the feature gates that --feature-gates knows."),
        ("version", version_command, "Print the version of the API served and of kubern."),
    ):
        _add_command(app, name, function, summary)
    return app


def _add_command(app: typer.Typer, name: str, function: Callable[[Sequence[str]], int], summary: str) -> None:
    """A command that gets its arguments as they are: its flags are those of the plugins."""
    import typer

    def command(context: typer.Context) -> None:
        raise typer.Exit(function(context.args))

    command.__annotations__ = {"context": typer.Context}
    settings = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
    app.command(name, help=summary, context_settings=settings, add_help_option=False)(command)


def plugins_command(arguments: Sequence[str]) -> int:
    """`kubern plugins [flags]`."""
    from kubern.options.options import complete
    from kubern.reports import describe_plugins

    return _report("kubern plugins", arguments, lambda o, p: describe_plugins(p, complete(o, p)))


def flags_command(arguments: Sequence[str]) -> int:
    """`kubern flags [flags]`."""
    from kubern.options.options import complete
    from kubern.reports import describe_flags

    return _report("kubern flags", arguments, lambda o, p: describe_flags(p, complete(o, p)))


def kubeconfig_command(arguments: Sequence[str]) -> int:
    """`kubern kubeconfig [--data-dir=DIR]`."""
    from kubern.options.options import complete

    def content(options: Options, plugins: Plugins) -> Iterable[str]:
        path = complete(options, plugins).facts.files.admin_kubeconfig
        try:
            return path.read_text().splitlines()
        except OSError as error:
            raise InvalidOptions([f"cannot read {str(path)!r}: {error.strerror}; the first start makes it"]) from None

    return _report("kubern kubeconfig", arguments, content)


def gates_command(arguments: Sequence[str]) -> int:
    """`kubern gates`."""
    from kubern.options.feature_gates import known_gates

    for gate in known_gates().values():
        locked = ", locked" if gate.locked else ""
        sys.stdout.write(f"{gate.name}={'true' if gate.default else 'false'} ({gate.stage}{locked})\n")
    return 0


def version_command(arguments: Sequence[str]) -> int:
    """`kubern version`."""
    sys.stdout.write(f"kubern {kubern_version()}, Kubernetes {KUBERNETES_VERSION}\n")
    return 0


def _report(program: str, arguments: Sequence[str], lines: Callable[[Options, Plugins], Iterable[str]]) -> int:
    """Print lines about the options and plugins that the arguments make; the exit status."""
    try:
        options, plugins = load(arguments)
        if options.section(GlobalOptions).help:
            print_help(program, plugins)
        elif options.problems:
            return fail(options.problems)
        else:
            sys.stdout.writelines(f"{line}\n" for line in lines(options, plugins))
    except (PluginError, DuplicateFlag) as error:
        return fail([str(error)])
    except InvalidOptions as error:
        return fail(error.problems)
    return 0
