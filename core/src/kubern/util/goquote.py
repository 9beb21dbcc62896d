"""Text as Go's %q prints it (strconv.Quote), which is how many of kube-apiserver's messages show values."""

from __future__ import annotations

_SIMPLE = {
    0x07: "\\a", 0x08: "\\b", 0x0C: "\\f", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x0B: "\\v",
    0x22: '\\"', 0x5C: "\\\\",
}  # fmt: skip


def _escape(char: str) -> str:
    code = ord(char)
    simple = _SIMPLE.get(code)
    if simple is not None:
        return simple
    if char == " " or char.isprintable():
        return char
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def go_quote(text: str) -> str:
    """`text` in double quotes, escaped as strconv.Quote does."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_escape, text)) + '"'
