"""Links in what pods, services and nodes answer: those to the server's own root go on leading through the proxy.

Upstream: apimachinery/pkg/util/proxy/transport.go. Next: `exchange.py`, its user.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

_LINKS: Final[Mapping[str, frozenset[str]]] = {
    tag: frozenset(attributes.split())
    for tag, attributes in {
        "a": "href", "applet": "codebase", "area": "href", "audio": "src", "base": "href", "blockquote": "cite",
        "body": "background", "button": "formaction", "command": "icon", "del": "cite", "embed": "src",
        "form": "action", "frame": "longdesc src", "head": "profile", "html": "manifest", "iframe": "longdesc src",
        "img": "longdesc src usemap", "input": "src usemap formaction", "ins": "cite", "link": "href",
        "object": "classid codebase data usemap", "q": "cite", "script": "src", "source": "src",
        "video": "poster src",
    }.items()
}  # fmt: skip
_ESCAPES: Final = str.maketrans({"&": "&amp;", "'": "&#39;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "\r": "&#13;"})
_PATH_CHARACTERS: Final = "/$&+,:;=@!'()*~"


class Links:
    """`prefix` is the path here that stands for the other server's root; `hosts` are the names it goes by."""

    def __init__(self, prefix: str, own_host: str, request_host: str) -> None:
        self._prefix = prefix
        self._own_host = own_host
        self._request_host = request_host

    def moved(self, link: str) -> str:
        """A link as clients can follow it; one to elsewhere, a relative one and nonsense stay as they are."""
        try:
            parts = urlsplit(link)
        except ValueError:
            return link
        elsewhere = parts.netloc not in ("", self._own_host, self._request_host)
        if elsewhere or not parts.path.startswith("/"):
            return link
        if parts.netloc != self._request_host:
            parts = SplitResult("", "", *parts[2:])
        path = unquote(parts.path)
        if not path.startswith(self._prefix):
            path = posixpath.normpath(f"{self._prefix}/{path.lstrip('/')}") + ("/" if path.endswith("/") else "")
            path = path.replace("//", "/")
        return parts._replace(path=quote(path, safe=_PATH_CHARACTERS)).geturl()

    def rewritten(self, page: bytes) -> bytes:
        """An HTML page with its links moved."""
        rewriter = _Rewriter(page.decode("utf-8", "surrogateescape"), self.moved)
        return rewriter.text().encode("utf-8", "surrogateescape")


class _Rewriter(HTMLParser):
    """Writes start tags anew, as Go's tokenizer does, and copies all between them."""

    def __init__(self, page: str, move: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=False)
        self._page = page
        self._move = move
        self._lines = [0]
        self._lines += [at + 1 for at, character in enumerate(page) if character == "\n"]
        self._out: list[str] = []
        self._copied = 0

    def text(self) -> str:
        self.feed(self._page)
        self.close()
        return "".join(self._out) + self._page[self._copied :]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._write(tag, attrs, ">")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._write(tag, attrs, "/>")

    def _write(self, tag: str, attrs: list[tuple[str, str | None]], end: str) -> None:
        line, column = self.getpos()
        begin = self._lines[line - 1] + column
        links = _LINKS.get(tag, frozenset())
        values = [(name, self._move(value or "") if name in links else value or "") for name, value in attrs]
        written = "".join(f' {name}="{value.translate(_ESCAPES)}"' for name, value in values)
        self._out += [self._page[self._copied : begin], f"<{tag}{written}{end}"]
        self._copied = begin + len(self.get_starttag_text() or "")
