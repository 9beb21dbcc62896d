"""Requests for every operation that a server publishes: paths, queries, headers and bodies, most of them nearly right.

Next: `client.py`, which sends them and judges the answers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from .bodies import any_body
from .objects import NAMES
from .pick import Pick
from .surface import Operation, Surface

NAMESPACES = ("fuzz", "fuzz", "fuzz", "default", "nosuch")
# What would change how every later request is answered is only tried: a refusal of all writes, a group that is served elsewhere.
PRECIOUS = frozenset({
    "apiservices", "customresourcedefinitions", "mutatingadmissionpolicies", "mutatingadmissionpolicybindings",
    "mutatingwebhookconfigurations", "resourcequotas", "serviceaccounts", "validatingadmissionpolicies",
    "validatingadmissionpolicybindings", "validatingwebhookconfigurations",
})  # fmt: skip
_METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW", "get")
_TAILS = (
    "status",
    "scale",
    "exec",
    "nosuch",
    "proxy/a/b",
    "log",
    "finalize",
    "",
    "%2e%2e",
    "status/x",
    "a%00b",
    "%ff",
    "a%2fb",
)
_ACCEPTS = (
    "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "*/*", "application/json;as=Table;v=v1;g=meta.k8s.io",
    "application/json;as=Table;v=v1beta1;g=meta.k8s.io", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", "application/json;as=Nonsense;g=a;v=b", "text/html", "", "a", ";;,,",
    "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io", "application/json;stream=watch", "application/cbor", "application/cbor-seq",
    "application/json;q=x, */*;q=0.1", "application/vnd.kubernetes.protobuf,application/json",
)  # fmt: skip
_HEADERS: tuple[tuple[str, str], ...] = (
    ("Impersonate-User", "jane"), ("Impersonate-User", "system:serviceaccount:fuzz:default"), ("Impersonate-Group", "system:masters"),
    ("Impersonate-Extra-a%2fb", "x"), ("Impersonate-Extra-%zz", "x"), ("Impersonate-Uid", "1"), ("Authorization", "Bearer nonsense"),
    ("Authorization", "Basic !!!"), ("Authorization", "Bearer a.b.c"), ("Authorization", ""), ("Accept-Encoding", "gzip"),
    ("Accept-Encoding", "br;q=x"), ("Content-Encoding", "gzip"), ("User-Agent", ""), ("User-Agent", "x" * 300), ("User-Agent", "é/1"),
    ("If-Match", "1"), ("Range", "bytes=0-1"), ("Audit-ID", "x" * 200), ("Expect", "100-continue"), ("X-Remote-User", "jane"),
    ("Origin", "http://a"), ("Upgrade", "websocket"), ("Traceparent", "00-x"), ("X-Stream-Protocol-Version", "v9"), ("Host", "else.where"),
)  # fmt: skip
_SELECTORS = (
    "",
    "a=b",
    "a",
    "!a",
    "a in (b,c)",
    "a notin (b)",
    "a>1",
    "a<x",
    "=",
    "a==b==c",
    "a in ()",
    "a in (",
    "é=b",
    "a=" + "b" * 200,
    ",",
    "a,,b",
)
_QUERIES: dict[str, tuple[str, ...]] = {
    "labelSelector": _SELECTORS,
    "fieldSelector": (
        "metadata.name=a", "metadata.name!=a", "metadata.namespace=fuzz", "spec.nodeName=", "status.phase=Running", "nosuch=x", "=", "a", "a=b,c",
        "type=Opaque", "involvedObject.name=a", "spec.unschedulable=false", "metadata.name=a\\,b", "\\", "metadata.name==a,metadata.name!=b",
    ),
    "resourceVersion": ("", "0", "1", "5", "99999999", "-1", "a", "18446744073709551616", "1.5", "01"),
    "resourceVersionMatch": ("", "Exact", "NotOlderThan", "exact", "x"),
    "limit": ("0", "1", "2", "500", "-1", "a", "9223372036854775808", "1.5", ""),
    "continue": ("", "a", "e30", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIifQ", "eyJydiI6LTF9", "bnVsbA", "====", "é"),
    "watch": ("1", "true", "0", "false", "", "x"),
    "timeoutSeconds": ("1", "0", "-1", "a", "99999999999999999999", "1.5"),
    "allowWatchBookmarks": ("true", "1", "x"),
    "sendInitialEvents": ("true", "false", "x"),
    "dryRun": ("All", "", "x", "All,All"),
    "fieldManager": ("a", "", "x" * 129, "é", "\n", "kubectl"),
    "fieldValidation": ("Strict", "Warn", "Ignore", "", "x"),
    "force": ("true", "false", "", "x"),
    "pretty": ("true", "false", "1", "x"),
    "gracePeriodSeconds": ("0", "1", "30", "-1", "a", "99999999999999999999"),
    "propagationPolicy": ("Background", "Foreground", "Orphan", "", "x"),
    "orphanDependents": ("true", "false", "x"),
    "ignoreStoreReadErrorWithClusterBreakingPotential": ("true", "false", "x"),
    "includeObject": ("None", "Metadata", "Object", "x"),
    "command": ("ls", "", "-l"),
    "ports": ("80", "a", "0", "99999"),
    "shardSelector": ("", "a", "x=y"),
}  # fmt: skip
_UNKNOWN_VALUES = ("", "a", "9" * 5000, "true", "-1", "%", "\x00", "é", "x" * 500, "a&b", "[]", "null")


@dataclasses.dataclass(frozen=True)
class Request:
    """What is sent; `target` is the path with the query, as it goes on the wire."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    streams: bool
    """The answer may be a watch or another stream that has no end."""


def requests(surface: Surface) -> st.SearchStrategy[Request]:
    """Requests over all operations of `surface`."""

    @st.composite
    def made(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Request:
        return _request(Pick(draw), surface)

    return made()


def _request(pick: Pick, surface: Surface) -> Request:
    operation = pick.one(surface.writes if pick.chance(3) else surface.operations)
    method = operation.method if not pick.chance(40) else pick.one(_METHODS)
    path = _path(pick, operation)
    queries = _queries(pick, operation)
    if operation.collection in PRECIOUS and method in ("POST", "PUT", "PATCH", "DELETE"):
        queries = [(key, value) for key, value in queries if key != "dryRun"] + [("dryRun", "All")]
    headers = [("Accept", pick.one(_ACCEPTS) if pick.chance(6) else "application/json")]
    for _ in range(pick.integer(1, 2) if pick.chance(8) else 0):
        headers.append(pick.one(_HEADERS))
    body = None
    if method in ("POST", "PUT", "PATCH") or (method == "DELETE" and pick.chance(3)) or pick.chance(40):
        body, content_type = any_body(pick, surface, operation)
        headers.append(("Content-Type", content_type))
    target = path + (
        "?" + "&".join(f"{quote(key)}={quote(value, safe='/=')}" for key, value in queries) if queries else ""
    )
    if pick.chance(40):
        target += ("&" if queries else "?") + pick.one(("%zz", "a=%", "&&", "a;b=c", "=", "x=%ff%fe"))
    streams = (
        "watch" in path.split("/")
        or any(key in ("watch", "follow") for key, _ in queries)
        or operation.action == "connect"
    )
    return Request(method, target, tuple(headers), body, streams)


def _path(pick: Pick, operation: Operation) -> str:
    parts = []
    for part in operation.path.split("/"):
        match part:
            case "{namespace}":
                parts.append(pick.one(NAMESPACES))
            case "{name}":
                parts.append(quote(pick.one(NAMES), safe=":") if not pick.chance(20) else pick.one(_TAILS))
            case _ if part.startswith("{"):
                parts.append(pick.one(("a", "a/b", "..", "%20")))
            case _:
                parts.append(part)
    if pick.chance(40):
        parts.insert(pick.integer(1, len(parts)), pick.one((*_TAILS, "watch", "namespaces", "v1", "APIS")))
    return "/".join(parts)


def _queries(pick: Pick, operation: Operation) -> list[tuple[str, str]]:
    found = []
    names = [name for name in operation.queries if name != "watch" or pick.chance(3)]
    for name in pick.some(names, 3):
        values = _QUERIES.get(name, _UNKNOWN_VALUES)
        found.append((name, pick.one(values) if not pick.chance(20) else pick.one(_UNKNOWN_VALUES)))
    if operation.method == "PATCH" and not pick.chance(4):
        found += [("fieldManager", pick.one(("a", "b"))), ("force", pick.one(("true", "false")))]
    if pick.chance(30):
        found.append((pick.one(("nosuch", "labelSelector", "watch", "includeObject", "")), pick.one(_UNKNOWN_VALUES)))
    if operation.action == "connect":
        found = [(key, value) for key, value in found if key != "path"]
    return found
