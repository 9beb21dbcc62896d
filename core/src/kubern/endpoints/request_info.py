"""RequestInfo from method, path and query, without regular expressions (upstream: RequestInfoFactory).

Parsed once per request by `filters/request_info.py`; the director, the authorizer and metrics read it.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubern.request import RequestInfo

_VERB_OF_METHOD = {
    "POST": "create",
    "GET": "get",
    "HEAD": "get",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
_SPECIAL_VERBS = frozenset({"proxy", "watch"})
_NAMESPACE_SUBRESOURCES = frozenset({"status", "finalize"})


def split_path(path: str) -> list[str]:
    """The path's parts without surrounding slashes; inner empty parts stay."""
    path = path.strip("/")
    return path.split("/") if path else []


def request_info(method: str, path: str, query: Mapping[str, list[str]]) -> RequestInfo:
    """What the request asks for."""
    parts = split_path(path)
    info = RequestInfo(path=path, verb=method.lower())
    if len(parts) < 3 or parts[0] not in ("api", "apis"):
        return info
    info.api_prefix = parts[0]
    rest = parts[1:]
    if parts[0] == "apis":
        if len(rest) < 3:
            return info
        info.api_group = rest[0]
        rest = rest[1:]
    info.is_resource_request = True
    info.api_version = rest[0]
    rest = rest[1:]
    if rest[0] in _SPECIAL_VERBS:
        if len(rest) < 2:
            return info
        info.verb = info.special = rest[0]
        rest = rest[1:]
    else:
        info.verb = _VERB_OF_METHOD.get(method, "")
    _fill_resource(info, rest)
    _refine_verb(info, query)
    return info


def _fill_resource(info: RequestInfo, rest: list[str]) -> None:
    if rest[0] == "namespaces" and len(rest) > 1:
        info.namespace = rest[1]
        # A namespace's own subresources leave the namespace as the resource.
        if len(rest) > 2 and rest[2] not in _NAMESPACE_SUBRESOURCES:
            rest = rest[2:]
    info.parts = tuple(rest)
    if len(rest) >= 3:
        info.subresource = rest[2]
    if len(rest) >= 2:
        info.name = rest[1]
    info.resource = rest[0]


def _refine_verb(info: RequestInfo, query: Mapping[str, list[str]]) -> None:
    if not info.name and info.verb == "get":
        info.verb = "watch" if _is_watch(query) else "list"
        info.name = _name_from_field_selector(query)
    elif info.verb in ("list", "watch") and not info.name:
        info.name = _name_from_field_selector(query)
    elif not info.name and info.verb == "delete":
        info.verb = "deletecollection"


def _is_watch(query: Mapping[str, list[str]]) -> bool:
    values = query.get("watch")
    return parse_bool_query(values[0]) if values else False


def parse_bool_query(value: str) -> bool:
    """Query booleans: everything but `false` and `0` is true, the empty value too (upstream: Convert_Slice_string_To_bool)."""
    return value.lower() not in ("false", "0")


def _name_from_field_selector(query: Mapping[str, list[str]]) -> str:
    """The one name that `metadata.name=x` asks for, so that authorization can decide by name."""
    values = query.get("fieldSelector")
    if not values or "metadata.name" not in values[0]:
        return ""
    for term in values[0].split(","):
        key, sep, value = term.partition("=")
        if sep and key == "metadata.name":
            return value.removeprefix("=")
    return ""
