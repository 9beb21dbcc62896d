"""URLs as Go's net/url reads them, error texts included (url.ParseRequestURI, url.Parse, URL.Query).

Next: `cel/library/urls.py`, its chief user.
"""

from __future__ import annotations

from dataclasses import dataclass

from kubern.util.goquote import go_quote

_HEX = frozenset("0123456789abcdefABCDEF")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS = frozenset("0123456789")
_UNRESERVED = _LETTERS | _DIGITS | frozenset("-_.~")
# What may stand unescaped in a host, and in a path as EscapedPath gives it.
_HOST = _UNRESERVED | frozenset("!$&'()*+,;=:[]<>\"")
_PATH = _UNRESERVED | frozenset("$&+,/:;=@")
_PATH_AS_WRITTEN = _PATH | frozenset("!'()*[]")
_USERINFO = _LETTERS | _DIGITS | frozenset("-._:~!$&'()*+,;=%@")


class URLError(ValueError):
    """The text is no URL; the message is Go's, without `parse "...": `."""


@dataclass(slots=True)
class URL:
    """A parsed URL; paths are bytes unescaped to text, `raw_path` is set where escaping is not the default."""

    scheme: str = ""
    opaque: str = ""
    user: str | None = None
    host: str = ""
    path: str = ""
    raw_path: str = ""
    raw_query: str = ""
    force_query: bool = False
    fragment: str | None = None

    @property
    def hostname(self) -> str:
        """The host without port and brackets."""
        host, _ = _split_port(self.host)
        return host[1:-1] if host.startswith("[") and host.endswith("]") else host

    @property
    def port(self) -> str:
        """The port, empty when there is none."""
        return _split_port(self.host)[1]

    @property
    def escaped_path(self) -> str:
        """The path as it is written in a URL."""
        if self.raw_path and _valid_encoding(self.raw_path):
            return self.raw_path
        return "*" if self.path == "*" else _escape(self.path, _PATH)

    def query(self) -> dict[str, list[str]]:
        """The values of the query by key; parts that cannot be read are left out."""
        values: dict[str, list[str]] = {}
        for part in self.raw_query.split("&"):
            if not part or ";" in part:
                continue
            key, _, value = part.partition("=")
            try:
                values.setdefault(_unescape(key, "query"), []).append(_unescape(value, "query"))
            except URLError:
                continue
        return values


def parse_request_uri(text: str) -> URL:
    """An absolute URL or an absolute path, without a fragment.

    Raises:
        URLError: as Go words it.
    """
    try:
        return _parse(text, via_request=True)
    except URLError as error:
        raise URLError(f"parse {go_quote(text)}: {error}") from None


def parse(text: str) -> URL:
    """Any URL reference.

    Raises:
        URLError: as Go words it.
    """
    head, has_fragment, fragment = text.partition("#")
    try:
        url = _parse(head, via_request=False)
        if has_fragment:
            url.fragment = _unescape(fragment, "fragment")
    except URLError as error:
        raise URLError(f"parse {go_quote(head)}: {error}") from None
    return url


def _parse(text: str, via_request: bool) -> URL:
    if any(char < " " or char == "\x7f" for char in text):
        raise URLError("net/url: invalid control character in URL")
    if not text and via_request:
        raise URLError("empty url")
    if text == "*":
        return URL(path="*")
    scheme, rest = _scheme(text)
    url = URL(scheme=scheme.lower())
    if rest.endswith("?") and rest.count("?") == 1:
        url.force_query, rest = True, rest[:-1]
    else:
        rest, _, url.raw_query = rest.partition("?")
    if not rest.startswith("/"):
        if url.scheme:
            url.opaque = rest
            return url
        if via_request:
            raise URLError("invalid URI for request")
        if ":" in rest.partition("/")[0]:
            raise URLError("first path segment in URL cannot contain colon")
    if (url.scheme or (not via_request and not rest.startswith("///"))) and rest.startswith("//"):
        authority, slash, tail = rest[2:].partition("/")
        rest = slash + tail
        _set_authority(url, authority)
    url.path = _unescape(rest, "path")
    url.raw_path = "" if rest == _escape(url.path, _PATH) else rest
    return url


def _scheme(text: str) -> tuple[str, str]:
    for index, char in enumerate(text):
        if char in _LETTERS:
            continue
        if char in _DIGITS or char in "+-.":
            if index == 0:
                return "", text
        elif char == ":":
            if index == 0:
                raise URLError("missing protocol scheme")
            return text[:index], text[index + 1 :]
        else:
            return "", text
    return "", text


def _set_authority(url: URL, authority: str) -> None:
    userinfo, at, host = authority.rpartition("@")
    url.host = _host(host)
    if not at:
        return
    if not _USERINFO.issuperset(userinfo):
        raise URLError("net/url: invalid userinfo")
    name, colon, password = userinfo.partition(":")
    url.user = _unescape(name, "user") + (f":{_unescape(password, 'user')}" if colon else "")


def _host(host: str) -> str:
    if host.startswith("["):
        end = host.rfind("]")
        if end < 0:
            raise URLError("missing ']' in host")
        port = host[end + 1 :]
        if not _valid_port(port):
            raise URLError(f"invalid port {go_quote(port)} after host")
        zone = host.find("%25", 0, end)
        if zone >= 0:
            return _unescape(host[:zone], "host") + _unescape(host[zone:end], "zone") + host[end:]
    else:
        colon = host.rfind(":")
        if colon >= 0 and not _valid_port(host[colon:]):
            raise URLError(f"invalid port {go_quote(host[colon:])} after host")
    return _unescape(host, "host")


def _valid_port(port: str) -> bool:
    return not port or (port[0] == ":" and _DIGITS.issuperset(port[1:]))


def _split_port(host: str) -> tuple[str, str]:
    colon = host.rfind(":")
    if colon >= 0 and _valid_port(host[colon:]):
        return host[:colon], host[colon + 1 :]
    return host, ""


def _unescape(text: str, mode: str) -> str:
    """The text with its %XX resolved, as far as the mode allows them."""
    if "%" not in text:
        _check_plain(text, mode)
        return text.replace("+", " ") if mode == "query" else text
    out = bytearray()
    at = 0
    while at < len(text):
        char = text[at]
        if char != "%":
            _check_plain(char, mode)
            out += (" " if char == "+" and mode == "query" else char).encode()
            at += 1
            continue
        code = text[at + 1 : at + 3]
        if len(code) < 2 or not _HEX.issuperset(code):
            raise URLError(f"invalid URL escape {go_quote(text[at : at + 3])}")
        value = int(code, 16)
        if mode == "host" and value < 0x80 and code != "25":
            raise URLError(f"invalid URL escape {go_quote(text[at : at + 3])}")
        if mode == "zone" and code != "25" and chr(value) != " " and _escaped_in_host(chr(value)):
            raise URLError(f"invalid URL escape {go_quote(text[at : at + 3])}")
        out.append(value)
        at += 3
    return out.decode(errors="surrogateescape" if mode == "path" else "replace")


def _escaped_in_host(char: str) -> bool:
    return char not in _HOST


def _check_plain(text: str, mode: str) -> None:
    if mode in ("host", "zone"):
        for char in text:
            if char < "\x80" and _escaped_in_host(char):
                raise URLError(f"invalid character {go_quote(char)} in host name")


def _escape(text: str, allowed: frozenset[str]) -> str:
    encoded = text.encode(errors="surrogateescape")
    return "".join(chr(byte) if chr(byte) in allowed else f"%{byte:02X}" for byte in encoded)


def _valid_encoding(path: str) -> bool:
    return all(char in _PATH_AS_WRITTEN or char == "%" for char in path)
