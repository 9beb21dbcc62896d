"""Operations and definitions as an OpenAPI v3 document. Next: `schemas.py`, `service.py`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from kubern.endpoints.openapi.operations import TEXT, Operation
from kubern.endpoints.openapi.parameters import Parameter

Object = dict[str, Any]
PREFIX: Final = "#/components/schemas/"
RESPONSE_TEXTS: Final = {"200": "OK", "201": "Created", "202": "Accepted", "401": "Unauthorized"}


def paths(operations: Iterable[Operation]) -> Object:
    """The `paths` member."""
    by_path: dict[str, list[Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, []).append(operation)
    return {path: _path_item(found) for path, found in sorted(by_path.items())}


def common_parameters(operations: list[Operation]) -> list[Parameter]:
    """The parameters that all operations of a path take, as documents order them."""
    shared = [p for p in operations[0].parameters if all(p in other.parameters for other in operations[1:])]
    return ordered(shared)


def ordered(found: Iterable[Parameter]) -> list[Parameter]:
    return sorted(found, key=lambda p: (p.name, p.place))


def _path_item(operations: list[Operation]) -> Object:
    common = common_parameters(operations)
    out: Object = {op.method: _operation(op, common) for op in sorted(operations, key=lambda o: o.method)}
    if common:
        out["parameters"] = [_parameter(p) for p in common]
    return out


def _operation(operation: Operation, common: list[Parameter]) -> Object:
    out: Object = {"tags": [operation.tag], "description": operation.description, "operationId": operation.id}
    own = ordered(p for p in operation.parameters if p not in common)
    if own:
        out["parameters"] = [_parameter(p) for p in own]
    if operation.body:
        content = {media: {"schema": _schema(operation.body)} for media in operation.consumes}
        out["requestBody"] = {"content": content}
        if operation.body_required:
            out["requestBody"]["required"] = True
    out["responses"] = {code: _response(code, model, operation.produces) for code, model in operation.responses.items()}
    out["responses"]["401"] = {"description": RESPONSE_TEXTS["401"]}
    if operation.action:
        out["x-kubernetes-action"] = operation.action
    if operation.group_version_kind is not None:
        group, version, kind = operation.group_version_kind
        out["x-kubernetes-group-version-kind"] = {"group": group, "version": version, "kind": kind}
    return out


def _response(code: str, model: str, produces: tuple[str, ...]) -> Object:
    content = {media: {"schema": _schema(model)} for media in produces}
    return {"description": RESPONSE_TEXTS[code], "content": content}


def _schema(model: str) -> Object:
    return {"type": "string"} if model == TEXT else {"$ref": PREFIX + model}


def _parameter(parameter: Parameter) -> Object:
    out: Object = {"name": parameter.name, "in": parameter.place}
    if parameter.description:
        out["description"] = parameter.description
    if parameter.required:
        out["required"] = True
    out["schema"] = {"type": parameter.type, "uniqueItems": True}
    return out
