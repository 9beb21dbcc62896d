"""Finds the flags that no source reads: accepted and checked, but without an effect yet.

`docs.py` writes their names to core/src/kubern/options/pending.py, from where help, the start and docs/flags.md take
them. A flag that can never have an effect says so on its field and is none of them.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from kubern.options.collect import collect_flags
from kubern.plugins import build_plugin_manager

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = ROOT / "core/src/kubern/options"
READERS = ("completion.py", "validation.py")
"""The modules of options/ where reading a flag is an effect; a section's own checks are none."""
HEAD = '''"""Flags that are accepted and checked but have no effect yet; help and the start say so.

Written by scripts/docs.py: the flags that no source reads and whose field does not say why.
"""

from __future__ import annotations

'''


def _sources() -> str:
    paths = [*ROOT.glob("core/src/**/*.py"), *ROOT.glob("plugins/*/src/**/*.py")]
    texts = [path.read_text() for path in paths if path.parent != OPTIONS or path.name in READERS]
    method = re.compile(r"    def (?!validate|file_flags|_)\w+\(self\).*?(?=\n    def |\Z)", re.DOTALL)
    helpers = [body for path in OPTIONS.glob("*.py") for body in method.findall(path.read_text())]
    return "\n".join([*texts, *helpers])


def pending_flags() -> list[str]:
    """Names, sorted."""
    text = _sources()
    read = set(re.findall(r"\.(\w+)\b", text)) | set(re.findall(r'"(\w+)"', text))
    flags = collect_flags(build_plugin_manager().flag_sections()).values()
    return sorted(flag.name for flag in flags if flag.field not in read and "no_effect" not in flag.metadata)


def pending_module() -> str:
    """The content of pending.py."""
    names = ", ".join(f'"{name}"' for name in pending_flags())
    body = textwrap.fill(names, 112, break_on_hyphens=False, initial_indent="    ", subsequent_indent="    ")
    return (
        f"{HEAD}PENDING = frozenset({{\n{body},\n}})  # fmt: skip\n" if names else f"{HEAD}PENDING = frozenset[str]()\n"
    )
