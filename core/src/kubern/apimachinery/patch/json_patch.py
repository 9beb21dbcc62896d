"""JSON patch (RFC 6902) with the rules of evanphx/json-patch v4, which are laxer than the RFC's.

Negative indices count from the end, `replace` may create a key, `test` of null holds for a missing key, and what
precedes the first slash of a path is ignored. Next: `merge_patch.py`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from kubern.apimachinery.errors import request_entity_too_large
from kubern.apimachinery.patch.body import cannot_unmarshal, decode_body, duplicate_errors, unprocessable
from kubern.util import gojson
from kubern.util.goquote import go_quote

MAX_OPERATIONS = 10_000
MAX_COPY_BYTES = 3 * 1024 * 1024
"""The most that `copy` operations of one patch may add (upstream: JSONPatchMaxCopyBytes)."""

_OPERATION_FIELDS = ("op", "path", "from", "value")
_MAX_INT = 2**63 - 1
_MISSING = object()
_MISSING_VALUE = "missing value"


class JSONPatch(NamedTuple):
    """A parsed patch; `strict_errors` are complaints for fieldValidation Warn and Strict."""

    operations: list[dict[str, Any] | None]
    strict_errors: list[str]


class _DoesNotApply(Exception):
    """The patch does not fit the document.

    The text is evanphx/json-patch's; those who patch with it themselves show it, admission for one.
    """


class _Within:
    """Puts where it happened before the words of an error."""

    __slots__ = ("_where",)

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _DoesNotApply):
            raise _DoesNotApply(f"{self._where}: {error}") from None


def parse_json_patch(body: bytes, strict: bool = True) -> JSONPatch:
    """The operations in `body`; `strict` is False for fieldValidation=Ignore.

    Raises StatusError 400 when it is no list of objects, 413 for too many operations.
    """
    prefix = "error decoding patch: " if strict else ""
    operations = decode_body(body, prefix)
    if operations is None:
        operations = []
    if not isinstance(operations, list):
        raise cannot_unmarshal(operations, "[]handlers.jsonPatchOp" if strict else "jsonpatch.Patch", prefix)
    for operation in operations:
        _check_operation(operation, strict, prefix)
    if len(operations) > MAX_OPERATIONS:
        raise request_entity_too_large(
            f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(operations)}"
        )
    return JSONPatch(operations, _strict_errors(body, operations) if strict else [])


def _check_operation(operation: Any, strict: bool, prefix: str) -> None:
    if operation is None:
        return
    if not isinstance(operation, dict):
        raise cannot_unmarshal(operation, "handlers.jsonPatchOp" if strict else "jsonpatch.Operation", prefix)
    if not strict:
        return
    for name in ("op", "path", "from"):
        value = operation.get(name)
        if value is not None and not isinstance(value, str):
            error = cannot_unmarshal(value, "string", prefix)
            error.message = error.message.replace("Go value", f"Go struct field jsonPatchOp.{name}")
            raise error


def _strict_errors(body: bytes, operations: list[dict[str, Any] | None]) -> list[str]:
    errors = duplicate_errors(body, operations)
    for i, operation in enumerate(operations):
        errors += [f'unknown field "[{i}].{name}"' for name in operation or () if name not in _OPERATION_FIELDS]
    return [f"json patch {error}" for error in errors]


def apply_json_patch(doc: Any, patch: JSONPatch) -> Any:
    """`doc` with the operations applied in order; `doc` itself when there are none.

    Raises StatusError 422 when one does not apply: then nothing of the patch counts.
    """
    state = _Document(doc)
    try:
        for operation in patch.operations:
            state.apply(operation or {})
    except _DoesNotApply:
        raise unprocessable() from None
    return state.root


class _Document:
    """A document being patched: containers are copied the first time they change."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._mine: dict[int, Any] = {}
        self._copied_bytes = 0

    def apply(self, operation: dict[str, Any]) -> None:
        kind = operation.get("op")
        method = _METHODS.get(kind) if isinstance(kind, str) else None
        if method is None:
            raise _DoesNotApply(f"Unexpected kind: {kind if isinstance(kind, str) else 'unknown'}")
        method(self, operation)

    def add(self, operation: dict[str, Any]) -> None:
        path = _pointer(operation, "path", "add operation failed to decode path", says_why=False)
        parent, key = self._parent(path, f'add operation does not apply: doc is missing path: "{path}"', change=True)
        with _Within(f"error in add for path: '{path}'"):
            _insert(parent, key, operation.get("value"))

    def remove(self, operation: dict[str, Any]) -> None:
        path = _pointer(operation, "path", "remove operation failed to decode path", says_why=False)
        absent = f'remove operation does not apply: doc is missing path: "{path}"'
        parent, key = self._parent(path, absent, change=True)
        with _Within(f"error in remove for path: '{path}'"):
            _delete(parent, key)

    def replace(self, operation: dict[str, Any]) -> None:
        path = _pointer(operation, "path", "replace operation failed to decode path")
        value = operation.get("value")
        if path == "":
            if not isinstance(value, (dict, list)):
                raise _DoesNotApply("replace operation value must be object or array: %!w(<nil>)")
            self.root = value
            return
        absent = "replace operation does not apply: doc is missing"
        parent, key = self._parent(path, f"{absent} path: {path}", change=True)
        if isinstance(parent, dict):
            parent[key] = value
            return
        try:
            index = _existing_index(parent, key)
        except _DoesNotApply:
            raise _DoesNotApply(f"{absent} key: {path}: {_MISSING_VALUE}") from None
        parent[index] = value

    def move(self, operation: dict[str, Any]) -> None:
        absent = "move operation does not apply: doc is missing"
        source = _pointer(operation, "from", "move operation failed to decode from")
        parent, key = self._parent(source, f"{absent} from path: {source}", change=True)
        with _Within(f"error in move for path: '{key}'"):
            value = _get(parent, key)
            _delete(parent, key)
        path = _pointer(operation, "path", "move operation failed to decode path")
        parent, key = self._parent(path, f"{absent} destination path: {path}", change=True)
        with _Within(f"error in move for path: '{path}'"):
            _insert(parent, key, value)

    def copy(self, operation: dict[str, Any]) -> None:
        absent = "copy operation does not apply: doc is missing"
        source = _pointer(operation, "from", "copy operation failed to decode from")
        parent, key = self._parent(source, f"{absent} from path: {source}", change=False)
        with _Within(f"error in copy for from: '{source}'"):
            value = _get(parent, key)
        value = None if value is _MISSING else value
        path = _pointer(operation, "path", "copy operation failed to decode path", says_why=False)
        absent = f"{absent} destination path: {path}"
        self._parent(path, absent, change=False)
        if isinstance(value, (dict, list)):
            self._mine.clear()  # from now on in two places, so neither may change it
        self._copied_bytes += 0 if value is None else len(orjson.dumps(value))
        if self._copied_bytes > MAX_COPY_BYTES:
            raise _DoesNotApply(
                "Unable to complete the copy, the accumulated size increase of copy is "
                f"{self._copied_bytes}, exceeding the limit {MAX_COPY_BYTES}"
            )
        parent, key = self._parent(path, absent, change=True)
        with _Within("error while adding value during copy"):
            _insert(parent, key, value)

    def test(self, operation: dict[str, Any]) -> None:
        path = _pointer(operation, "path", "test operation failed to decode path")
        actual = self.root
        if path != "":
            parent, key = self._parent(path, f"test operation does not apply: is missing path: {path}", change=False)
            with _Within(f"error in test for path: '{path}'"):
                actual = _get(parent, key)
        wanted = operation.get("value", _MISSING)
        if actual is None or actual is _MISSING:
            holds = wanted is None or wanted is _MISSING
        else:
            holds = wanted is not None and wanted is not _MISSING and _equal(actual, wanted)
        if not holds:
            raise _DoesNotApply(f"testing value {path} failed: test failed")

    # ---------------------------------------------------------------- places

    def _own(self, container: Any) -> Any:
        """`container` if it was made here, else a shallow copy that may change."""
        if id(container) in self._mine:
            return container
        copied = container.copy()
        self._mine[id(copied)] = copied
        return copied

    def _parent(self, path: str, absent: str, *, change: bool) -> tuple[Any, str]:
        """The container that `path` ends in, and the last key; with `change`, every container on the way is ours.

        `absent` is what is said when there is none.
        """
        parts = path.split("/")
        if len(parts) < 2:
            raise _DoesNotApply(f"{absent}: {_MISSING_VALUE}")
        if change:
            self.root = self._own(self.root)
        node = self.root
        for part in parts[1:-1]:
            key = _decode(part)
            child = _child(node, key)
            if child is None:
                raise _DoesNotApply(f"{absent}: {_MISSING_VALUE}")
            if change:
                child = self._own(child)
                node[key if isinstance(node, dict) else _existing_index(node, key)] = child
            node = child
        return node, _decode(parts[-1])


def _child(node: Any, key: str) -> Any:
    """The container in `node` under `key`, None when there is none."""
    try:
        child = node.get(key) if isinstance(node, dict) else node[_existing_index(node, key)]
    except _DoesNotApply:
        return None
    return child if isinstance(child, (dict, list)) else None


def _get(parent: Any, key: str) -> Any:
    """The member `key`, _MISSING for an absent key; an index out of range does not apply."""
    return parent.get(key, _MISSING) if isinstance(parent, dict) else parent[_existing_index(parent, key)]


def _insert(parent: Any, key: str, value: Any) -> None:
    if isinstance(parent, dict):
        parent[key] = value
    elif key == "-":
        parent.append(value)
    else:
        try:
            number = _atoi(key)
        except _DoesNotApply as error:
            raise _DoesNotApply(f"value was not a proper array index: '{key}': {error}") from None
        parent.insert(_index(number, len(parent) + 1), value)


def _delete(parent: Any, key: str) -> None:
    if isinstance(parent, list):
        del parent[_existing_index(parent, key)]
    elif key in parent:
        del parent[key]
    else:
        raise _DoesNotApply(f"Unable to remove nonexistent key: {key}: {_MISSING_VALUE}")


_METHODS = {
    "add": _Document.add,
    "remove": _Document.remove,
    "replace": _Document.replace,
    "move": _Document.move,
    "copy": _Document.copy,
    "test": _Document.test,
}


def _pointer(operation: dict[str, Any], name: str, failed: str, *, says_why: bool = True) -> str:
    value = operation.get(name)
    if isinstance(value, str):
        return value
    if not says_why:
        raise _DoesNotApply(f"{failed}: {_MISSING_VALUE}")
    if value is None:
        comma = "," if name == "from" else ""
        raise _DoesNotApply(f"{failed}: operation{comma} missing {name} field: {_MISSING_VALUE}")
    raise _DoesNotApply(f"{failed}: json: cannot unmarshal {gojson.type_name(value)} into Go value of type string")


def _decode(part: str) -> str:
    if "~" not in part:
        return part
    return "~".join(piece.replace("~1", "/") for piece in part.split("~0"))


def _atoi(key: str) -> int:
    """A number as strconv.Atoi reads it: `01` and `+1` are fine."""
    digits = key[1:] if key[:1] in ("+", "-") else key
    if not (digits.isascii() and digits.isdigit()):
        raise _DoesNotApply(f"strconv.Atoi: parsing {go_quote(key)}: invalid syntax")
    if int(digits) > _MAX_INT:
        raise _DoesNotApply(f"strconv.Atoi: parsing {go_quote(key)}: value out of range")
    return int(key)


def _index(number: int, length: int) -> int:
    """A list index below `length`; negative ones count from the end."""
    if not -length <= number < length:
        raise _DoesNotApply(f"Unable to access invalid index: {number}: invalid index referenced")
    return number + length if number < 0 else number


def _existing_index(items: list[Any], key: str) -> int:
    return _index(_atoi(key), len(items))


def _equal(a: Any, b: Any) -> bool:
    """Equality of JSON values; 1, 1.0 and true are three values."""
    # Differs from kube-apiserver: strings are compared decoded, upstream compares their texts, escapes included.
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return len(a) == len(b) and all(k in b and _equal(v, b[k]) for k, v in a.items())
    if isinstance(a, list):
        return len(a) == len(b) and all(map(_equal, a, b))
    return bool(a == b)
