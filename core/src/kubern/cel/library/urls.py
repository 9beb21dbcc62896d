"""url(), isURL() and the parts of URLs (apiserver's cel/library/urls.go).

Next: `../../util/gourl.py`, the parser.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubern.cel.cost.sizes import traversal_cost
from kubern.cel.declarations import Function, Library, member, overload
from kubern.cel.errors import CelError
from kubern.cel.runtime.values import Value
from kubern.cel.types import BOOL, STRING, StructType, Type, list_of, map_of
from kubern.util.gourl import URL, URLError, parse, parse_request_uri

URL_TYPE = StructType("kubernetes.URL")


class URLValue(Value):
    """A URL."""

    __slots__ = ("url",)
    cel_type = URL_TYPE

    def __init__(self, url: URL) -> None:
        self.url = url

    def equals(self, other: object) -> bool:
        return isinstance(other, URLValue) and self.url == other.url


def _parse(text: str) -> URLValue:
    try:
        # The stricter parser decides, the other one knows of fragments.
        parse_request_uri(text)
        return URLValue(parse(text))
    except URLError as error:
        raise CelError(f"URL parse error during conversion from string: {error}") from None


def _is_url(text: str) -> bool:
    try:
        parse_request_uri(text)
    except URLError:
        return False
    return True


def _part(name: str, oid: str, result: Type, read: Callable[[URL], Any]) -> Function:
    return Function(name, member(oid, (URL_TYPE,), result, lambda value: read(value.url)))


def _parse_cost(args: tuple[Any, ...], _result: Any) -> int:
    return traversal_cost(len(args[0]))


def urls_library() -> Library:
    """URLs and their parts."""
    return Library(
        name="kubernetes.urls",
        functions=(
            Function("url", overload("string_to_url", (STRING,), URL_TYPE, _parse)),
            Function("isURL", overload("is_url_string", (STRING,), BOOL, _is_url)),
            _part("getScheme", "url_get_scheme", STRING, lambda url: url.scheme),
            _part("getHost", "url_get_host", STRING, lambda url: url.host),
            _part("getHostname", "url_get_hostname", STRING, lambda url: url.hostname),
            _part("getPort", "url_get_port", STRING, lambda url: url.port),
            _part("getEscapedPath", "url_get_escaped_path", STRING, lambda url: url.escaped_path),
            _part("getQuery", "url_get_query", map_of(STRING, list_of(STRING)), lambda url: url.query()),
        ),
        types=(URL_TYPE,),
        costs={"string_to_url": _parse_cost},
    )
