"""Writes what is generated: docs/flags.md, docs/hooks.md, docs/differences.md and the list of flags without effect.

`--check` only compares.
flags.md comes from the flag sections' fields, hooks.md from the docstrings of hookspecs.py, differences.md from the
comments `Differs from kube-apiserver: why` in the source.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from kubern import contributions, hookspecs
from kubern.options.section import Flag, section_flags
from kubern.plugins import build_plugin_manager

sys.path.insert(0, str(Path(__file__).resolve().parent))
import pending_flags

ROOT = Path(__file__).resolve().parent.parent
NOTE = "<!-- Written by scripts/docs.py from {}: change that, then run `make docs`. -->"


def flags() -> Iterator[str]:
    """One table per section."""
    yield NOTE.format("the sections in core/src/kubern/options and in the plugins")
    yield "# Flags\n"
    yield "Flags of `kubern start` and `kube-apiserver`. Each may also be given as an environment variable (`KUBERN_` and the"
    yield "name in capitals with underscores) or in the file that `--config` names; the command line wins over the environment,"
    yield "the environment over the file. *since* is the version of kube-apiserver that has the flag, or kubern.\n"
    for section in build_plugin_manager().flag_sections():
        yield f"## {section.name[0].upper()}{section.name[1:]}\n"
        yield f"{(section.options.__doc__ or '').strip().splitlines()[0]}\n"
        yield "| flag | type | default | since | effect |\n|---|---|---|---|---|"
        for flag in section_flags(section.name, section.options):
            since = "kubern" if section.name == "kubern" else flag.metadata.get("upstream", "1.36")
            default = f"`{flag.default_text}`" if flag.default_text else ""
            kind = cell(flag.type.name)
            yield f"| `--{flag.name}` | {kind} | {cell(default)} | {since} | {cell(effect(flag))} |"
        yield ""


def effect(flag: Flag) -> str:
    """The help, and in bold what there is to know before setting the flag."""
    parts = [flag.help]
    if flag.name in pending():
        parts.append("**No effect yet.**")
    if "no_effect" in flag.metadata:
        parts.append(f"**No effect**: {flag.metadata['no_effect']}.")
    if "deprecated" in flag.metadata:
        parts.append(f"**Deprecated**: {flag.metadata['deprecated']}.")
    return " ".join(parts)


@functools.cache
def pending() -> frozenset[str]:
    return frozenset(pending_flags.pending_flags())


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def hooks() -> Iterator[str]:
    """One chapter per hook, then the declarations that hooks return."""
    yield NOTE.format("core/src/kubern/hookspecs.py and contributions.py")
    yield "# Hooks\n"
    yield f"{inspect.getdoc(hookspecs)}\n"
    for name, function in vars(hookspecs).items():
        if name.startswith("kubern_"):
            signature = str(inspect.signature(function)).replace("'", "").replace("c.", "")
            yield f"## {name}\n\n```python\ndef {name}{signature}\n```\n"
            yield f"{example_as_code(inspect.getdoc(function) or '')}\n"
    yield "# Declarations\n"
    yield "What hooks return, from `kubern.contributions`.\n"
    for name, kind in vars(contributions).items():
        if dataclasses.is_dataclass(kind) and inspect.getmodule(kind) is contributions:
            fields = "\n".join(f"    {f.name}: {f.type}" for f in dataclasses.fields(kind))  # type: ignore[arg-type]
            yield f"## {name}\n\n```python\n{name}(\n{fields}\n)\n```\n\n{inspect.getdoc(kind)}\n"


def example_as_code(docstring: str) -> str:
    """The docstring as Markdown: its headings bold, its indented example a code block."""
    before, _, example = docstring.partition("Example:\n")
    text = re.sub(r"(?m)^(When|Arguments|Return|Order and conflicts): ", r"- **\1**: ", before)
    return f"{text}- **Example**:\n\n```python\n{inspect.cleandoc(example)}\n```"


def differences() -> Iterator[str]:
    """Every comment that starts with `Differs from kube-apiserver:`."""
    yield NOTE.format("the comments that start with `Differs from kube-apiserver:`")
    yield "# Where kubern differs from kube-apiserver on purpose\n"
    for path in sorted(ROOT.glob("*/**/src/**/*.py")):
        for text in marked_comments(path.read_text()):
            place = path.relative_to(ROOT)
            yield f"- {text[0].upper()}{text[1:].rstrip('.')}. ([{place.name}](../{place}))"


def marked_comments(source: str) -> Iterator[str]:
    """The text of each marked comment, its continuation lines joined."""
    lines = source.splitlines()
    for index, line in enumerate(lines):
        start = re.match(r"\s*# Differs from kube-apiserver: (.*)", line)
        if start is None:
            continue
        parts = [start[1]]
        for following in lines[index + 1 :]:
            more = re.match(r"\s*# (?!Differs from)(.*)", following)
            if more is None:
                break
            parts.append(more[1])
        yield " ".join(parts)


GENERATED: dict[str, Callable[[], str]] = {
    "core/src/kubern/options/pending.py": pending_flags.pending_module,
    "docs/flags.md": lambda: document(flags),
    "docs/hooks.md": lambda: document(hooks),
    "docs/differences.md": lambda: document(differences),
}


def document(lines: Callable[[], Iterator[str]]) -> str:
    return "\n".join(lines()).rstrip() + "\n"


def main() -> int:
    check = "--check" in sys.argv
    stale = []
    for name, write in GENERATED.items():
        path = ROOT / name
        content = write()
        if path.exists() and path.read_text() == content:
            continue
        stale.append(name)
        if not check:
            path.write_text(content)
    if stale:
        print(f"{'stale, run `make docs`' if check else 'written'}: {', '.join(stale)}")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
