"""Finding out what a document claims to be: its apiVersion and kind (upstream: json.SimpleMetaFactory)."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from kubern.apimachinery.codec.json import SyntaxProblem

_STRUCT: Final = (
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
)
_FOLDED: Final = {"apiversion": "apiVersion", "kind": "kind"}


class GroupVersionKind(NamedTuple):
    """A kind at a version. Upstream prints the group version as `apps/v1`, core's as `v1`."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


def parse_group_version(api_version: str) -> tuple[str, str]:
    """(group, version) of an apiVersion. Raises SyntaxProblem when it has more than one slash."""
    if api_version in ("", "/"):
        return "", ""
    group, slash, version = api_version.partition("/")
    if "/" in version:
        raise SyntaxProblem(f"unexpected GroupVersion string: {api_version}")
    return (group, version) if slash else ("", api_version)


def interpret(document: Any) -> GroupVersionKind:
    """What a parsed document says it is, "" for what it does not say. Raises SyntaxProblem.

    Like Go's json, any case of a name will do, and the last member that fits counts.
    """
    if document is None:
        return GroupVersionKind("", "", "")
    if not isinstance(document, dict):
        raise not_an_object(document)
    said = {"apiVersion": "", "kind": ""}
    for key, value in document.items():
        name = key if key in said else _FOLDED.get(key.casefold())
        if name is None or value is None:
            continue
        if not isinstance(value, str):
            raise _cannot_unmarshal(_json_kind(value), f"Go struct field .{name} of type string")
        said[name] = value
    group, version = parse_group_version(said["apiVersion"])
    return GroupVersionKind(group, version, said["kind"])


def not_an_object(value: Any) -> SyntaxProblem:
    """The problem with a document that is another JSON value."""
    return _cannot_unmarshal(_json_kind(value), f"Go value of type {_STRUCT}")


def with_defaults(actual: GroupVersionKind, default: GroupVersionKind) -> GroupVersionKind:
    """`actual` with the parts it leaves out taken from `default`."""
    kind = actual.kind or default.kind
    if not actual.version and not actual.group:
        return GroupVersionKind(default.group, default.version, kind)
    if not actual.version and actual.group == default.group:
        return GroupVersionKind(actual.group, default.version, kind)
    return GroupVersionKind(actual.group, actual.version, kind)


def _cannot_unmarshal(found: str, target: str) -> SyntaxProblem:
    return SyntaxProblem(f"couldn't get version/kind; json parse error: json: cannot unmarshal {found} into {target}")


def _json_kind(value: Any) -> str:
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    if isinstance(value, bool):
        return "bool"
    return "string" if isinstance(value, str) else "number"
