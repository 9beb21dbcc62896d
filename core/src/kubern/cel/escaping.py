"""Field names as expressions must write them: `__namespace__` for namespace, `a__dash__b` for a-b
(apiserver's cel/escaping.go).

Next: `openapi.py`.
"""

from __future__ import annotations

import re

# Names that CEL keeps for itself and that no field can therefore have unescaped.
_RESERVED = frozenset(
    {
        *("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if"),
        *("import", "let", "loop", "package", "namespace", "return", "var", "void", "while"),
    }
)
_ESCAPED_PARTS = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_PART = re.compile(r"__|\.|-|/")
_UNESCAPED = re.compile(r"__(?:underscores|dot|dash|slash)__")
_IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)


def escape(name: str) -> str | None:
    """The name in expressions; None for names that expressions cannot reach."""
    if not name or name[0].isdigit():
        return None
    if name in _RESERVED:
        return f"__{name}__"
    if _IDENTIFIER.fullmatch(name) and "__" not in name:
        return name
    escaped = _PART.sub(lambda match: _ESCAPED_PARTS[match.group()], name)
    return escaped if _IDENTIFIER.fullmatch(escaped) else None


def unescape(name: str) -> str | None:
    """The field's own name; None if the text is no escaped name."""
    if not _IDENTIFIER.fullmatch(name):
        return None
    if name.startswith("__") and name.endswith("__") and name[2:-2] in _RESERVED:
        return name[2:-2]
    parts = {escaped: part for part, escaped in _ESCAPED_PARTS.items()}
    plain = _UNESCAPED.sub(lambda match: parts[match.group()], name)
    return None if "__" in _UNESCAPED.sub("", name) else plain
