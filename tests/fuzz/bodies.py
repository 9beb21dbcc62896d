"""Bodies as bytes: JSON, YAML, protobuf and patches of every type, well written or damaged.

Next: `requests.py`.
"""

from __future__ import annotations

import json
from typing import Any

import yaml

from .objects import WILD, any_object
from .pick import Pick
from .surface import Operation, Surface

JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
PATCHES = (
    "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
    "application/apply-patch+yaml", "application/apply-patch+cbor",
)  # fmt: skip
ODD_TYPES = (
    "", "text/plain", "application/cbor", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "a/b/c",
    "application/json;;;", "*/*", "multipart/form-data; boundary=x", "application/json-seq", "APPLICATION/JSON", ",",
)  # fmt: skip
_BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
_ODD_YAML = (
    _BOMB, "a: &x\n  b: *x\n", "- a\n- b\n", "a: 1\na: 2\n", "--- \na: 1\n---\nb: 2\n", "!!python/object:os.system x", "a: !!binary xx",
    "? [a, b]\n: c\n", "a: .nan\n", "a: 0o17\nb: 0x1F\nc: 1_000\nd: 12:30:45\n", "<<: {a: b}\n", "a:\tb\n", "%YAML 9.9\n---\na: b\n",
    "a: 2020-01-01\n", "\ufeffa: b\n", "a: 'x", "{a: b, c: [}", "1: 2\ntrue: false\nnull: ~\n", "a: |\n  x\n y\n", "a: " + "[" * 3000,
    "a: 1e999\n", "x: !!float 3\ny: !!int 'a'\nz: !!set {a, b}\n", "&a a: *a\n", "\x00",
)  # fmt: skip
_ODD_JSON = (
    b"", b"null", b"[]", b"{}", b"1", b'"a"', b"{", b"nul", b"{}{}", b"{} x", b'{"a":NaN}', b'{"a":Infinity}', b'{"a":1,"a":2}',
    b'{"metadata":{"name":"a","name":"b"}}', b'{"a":"\\ud800"}', b'{"a":"\xff\xfe"}', b'{"a":1' + b"0" * 5000 + b"}", b'{"a":1e99999}',
    b"[" * 20000, b'{"a":' * 11000 + b"1" + b"}" * 11000, b'{"\\u0000":1}', b"\xef\xbb\xbf{}", b"\x00\x00\x00\x00", b'{"a":01}', b'{"a":.5}',
    b"{'a':1}", b'{"a":"\n"}', b'{"kind":1,"apiVersion":[]}', b'{"kind":"Pod","apiVersion":"v1"}', b'{"kind":"List","apiVersion":"v1","items":[{}]}',
    b'{"metadata":{"name":"a"},"spec":' + b'{"a":' * 250 + b"1" + b"}" * 251, b'{"spec":' + b"[" * 600 + b"]" * 600 + b"}", b"[" * 990 + b"]" * 990,
    b'{"kind":"Status","apiVersion":"v1","code":500}', b'{"apiVersion":"a/b/c","kind":"X"}', b'{"metadata":null,"spec":null}',
    b'{"metadata":{"managedFields":[{"fieldsV1":{"f:a":1}}]}}', b'{"metadata":{"managedFields":null}}',
    b'{"metadata":{"name":"a","labels":{"a":null},"finalizers":[null]}}', b'{"metadata":{"name":"a","ownerReferences":[{}]}}',
)  # fmt: skip
_POINTERS = (
    "", "/", "/metadata", "/metadata/name", "/metadata/labels", "/metadata/labels/a", "/metadata/annotations/a~1b", "/spec", "/spec/-",
    "/spec/containers/0", "/spec/containers/-", "/spec/containers/-1", "/spec/containers/01", "/data/a", "/status", "/kind", "/apiVersion",
    "/metadata/resourceVersion", "/metadata/uid", "/metadata/managedFields", "/metadata/managedFields/0", "/metadata/finalizers/-",
    "/a~2b", "no-slash", "/" + "a/" * 500, "/metadata/finalizers/99999999999999999999", "/spec/template/spec/containers/0/image",
)  # fmt: skip
_DIRECTIVES: tuple[Any, ...] = (
    {"$patch": "delete"}, {"$patch": "replace"}, {"$patch": "merge"}, {"$patch": "nonsense"}, {"$patch": 1}, {"$retainKeys": ["a", 1]},
    {"$retainKeys": "a"}, {"$setElementOrder/containers": [{"name": "a"}]}, {"$setElementOrder/finalizers": ["a", "b"]},
    {"$deleteFromPrimitiveList/finalizers": ["a"]}, {"$deleteFromPrimitiveList/finalizers": "a"}, {"$setElementOrder/containers": "a"},
    {"containers": [{"name": "a", "$patch": "delete"}]}, {"containers": [{"$patch": "replace"}]}, {"containers": [{}]}, {"containers": {"name": "a"}},
    {"containers": [1]}, {"$setElementOrder/ports": [{"port": 80, "protocol": "TCP"}]}, {"ports": [{"port": 80}]}, {"$unknown": 1},
)  # fmt: skip
_FIELDS: tuple[Any, ...] = (
    {}, {"f:metadata": {}}, {"f:spec": {"k:{\"name\":\"a\"}": {}}}, {"k:{": {}}, {"v:": {}}, {"i:x": {}}, {".": {}}, {"zz": 1}, None, [], "x",
)  # fmt: skip


def any_body(pick: Pick, surface: Surface, operation: Operation) -> tuple[bytes, str]:
    """(bytes, content type) to send with `operation`."""
    if operation.method == "PATCH" and not pick.chance(12):
        body, content_type = _patch(pick, surface, operation)
    elif pick.chance(10):
        body, content_type = _odd(pick)
    else:
        body, content_type = _written(pick, any_object(pick, surface, _kind_of_body(pick, operation), operation.body))
    if pick.chance(25):
        content_type = pick.one(ODD_TYPES)
    if pick.chance(15):
        body = _damaged(pick, body)
    return body, content_type


def _kind_of_body(pick: Pick, operation: Operation) -> tuple[str, str] | None:
    if operation.method == "DELETE":
        return ("v1", "DeleteOptions")
    if operation.kind is not None and pick.chance(30):
        return pick.one(
            (
                ("v1", "Pod"),
                ("apps/v1", "Deployment"),
                ("autoscaling/v1", "Scale"),
                ("nosuch/v1", "Thing"),
                ("v2", operation.kind[1]),
            )
        )
    return operation.kind


def _written(pick: Pick, made: Any) -> tuple[bytes, str]:
    match pick.integer(0, 9):
        case 8:
            return yaml.dump(made, Dumper=yaml.CSafeDumper, allow_unicode=pick.chance(2)).encode(
                errors="surrogatepass"
            ), YAML
        case 9:
            return b"k8s\x00" + json.dumps(made).encode(errors="surrogatepass"), PROTOBUF
        case _:
            return json.dumps(made).encode(), JSON


def _odd(pick: Pick) -> tuple[bytes, str]:
    match pick.integer(0, 3):
        case 0:
            return pick.one(_ODD_JSON), JSON
        case 1:
            return pick.one(_ODD_YAML).encode(), pick.one((YAML, YAML, JSON))
        case 2:
            return pick.one((b"", b"k8s\x00", b"k8s\x00\x0a")) + pick.binary(), PROTOBUF
        case _:
            return _unknown_message(pick), PROTOBUF


def _unknown_message(pick: Pick) -> bytes:
    """runtime.Unknown around a type and random bytes: the envelope is right, the message in it is not."""
    kind, version = pick.one(
        ((b"Pod", b"v1"), (b"Deployment", b"apps/v1"), (b"DeleteOptions", b"v1"), (b"X", b"a/b/c"))
    )
    meta = b"\x0a" + bytes([len(version)]) + version + b"\x12" + bytes([len(kind)]) + kind
    raw = pick.binary()[:120]
    return b"k8s\x00\x0a" + bytes([len(meta)]) + meta + b"\x12" + bytes([len(raw)]) + raw


def _patch(pick: Pick, surface: Surface, operation: Operation) -> tuple[bytes, str]:
    content_type = pick.one(PATCHES)
    if pick.chance(15):
        return pick.one(_ODD_JSON), content_type
    if content_type == PATCHES[0]:
        return json.dumps([_json_operation(pick) for _ in range(pick.integer(0, 4))]).encode(), content_type
    made = any_object(pick, surface, operation.kind, operation.body)
    if content_type == PATCHES[2] and pick.chance(2):
        made = _with_directive(pick, made)
    if content_type in PATCHES[3:]:
        if isinstance(made, dict) and pick.chance(8):
            made.setdefault(
                "metadata", {"managedFields": [{"manager": "a", "operation": "Apply", "fieldsV1": pick.one(_FIELDS)}]}
            )
        if pick.chance(6):
            return pick.one(_ODD_YAML).encode(), content_type
    return json.dumps(made).encode(), content_type


def _json_operation(pick: Pick) -> Any:
    made: dict[str, Any] = {
        "op": pick.one(("add", "replace", "remove", "test", "copy", "move")),
        "path": pick.one(_POINTERS),
    }
    if made["op"] in ("copy", "move"):
        made["from"] = pick.one(_POINTERS)
    elif made["op"] != "remove":
        made["value"] = pick.one(WILD)
    match pick.integer(0, 12):
        case 11:
            made[pick.one(("op", "path", "from", "value"))] = pick.one(WILD)
        case 12:
            return pick.one(WILD)
    return made


def _with_directive(pick: Pick, made: Any) -> Any:
    if isinstance(made, dict):
        below = made.get(pick.one(("spec", "metadata", "status")))
        holder = below if isinstance(below, dict) else made
        holder.update(pick.one(_DIRECTIVES))
    return made


def _damaged(pick: Pick, body: bytes) -> bytes:
    if not body:
        return b"\xff"
    at = pick.integer(0, min(len(body), 399))
    match pick.integer(0, 4):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + pick.one((b"\xff", b"\x00", b"\xed\xa0\x80", b'"', b"}", b"\\", b"NaN")) + body[at:]
        case 2:
            return body[:at] + body[at + 1 :]
        case 3:
            return body + body
        case _:
            return body.replace(b'"metadata"', b'"metadata":{},"metadata"', 1)
