"""Where flags' values come from besides the command line: environment variables and --config FILE.

Precedence: command line, environment, file, default. Next: `collect.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.options.parse import Assignment, unknown_flag

if TYPE_CHECKING:
    from kubern.options.section import Flag

PREFIX = "KUBERN_"


def environment_variable(flag: Flag) -> str:
    """The variable that sets a flag."""
    return PREFIX + flag.field.upper()


def read_environment(environment: Mapping[str, str], flags: Mapping[str, Flag]) -> list[Assignment]:
    """An assignment for every flag whose variable is set."""
    names = {name for name in environment if name.startswith(PREFIX)}
    if not names:
        return []
    by_variable = {environment_variable(flag): flag for flag in flags.values()}
    return [
        Assignment(by_variable[name], environment[name], f"environment variable {name}")
        for name in sorted(names & by_variable.keys())
    ]


def read_file(path: str, flags: Mapping[str, Flag]) -> tuple[list[Assignment], list[str]]:
    """Assignments of a YAML or TOML file of flags by name, and its problems."""
    try:
        data = _load(path)
    except OSError as error:
        return [], [f"--config: cannot read {path!r}: {error.strerror}"]
    except ValueError as error:
        return [], [f"--config: {path}: {error}"]
    assignments, problems = [], []
    for key, value in data.items():
        flag = flags.get(str(key).removeprefix("--").replace("_", "-"))
        if flag is None:
            problems.append(f"--config: {path}: {unknown_flag(str(key), flags)}")
            continue
        assignments += [Assignment(flag, text, f"file {path}") for text in _texts(value)]
    return assignments, problems


def _load(path: str) -> dict[str, Any]:
    with open(path, "rb") as file:
        content = file.read()
    if path.endswith(".toml"):
        import tomllib

        return tomllib.loads(content.decode())
    import yaml

    try:
        data = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None
    if not isinstance(data or {}, dict):
        raise ValueError("must be a mapping from flags to values")
    return data or {}


def _texts(value: object) -> list[str]:
    """A file's value as the texts that would be given on the command line."""
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, list):
        return [_quoted(str(item)) for item in value]
    if isinstance(value, dict):
        return [",".join(f"{key}={_texts(item)[0]}" for key, item in value.items())]
    return ["" if value is None else str(value)]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "," in text else text
