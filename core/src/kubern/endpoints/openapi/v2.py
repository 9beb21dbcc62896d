"""Operations and definitions in OpenAPI v2. Next: `service.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from kubern.endpoints.openapi.operations import META, TEXT, Operation
from kubern.endpoints.openapi.parameters import (
    DELETE_COLLECTION,
    LIST,
    LOG,
    NAMESPACE,
    OPTIONS,
    PATCH,
    PATH,
    PRETTY,
    WRITE,
    Parameter,
)
from kubern.endpoints.openapi.v3 import PREFIX as V3_PREFIX
from kubern.endpoints.openapi.v3 import RESPONSE_TEXTS, common_parameters, ordered

Object = dict[str, Any]
PREFIX: Final = "#/definitions/"
_SHARED_BODIES: Final = {META + "DeleteOptions": "body-2Y1dVQaQ", META + "Patch": "body-78PwaGsr"}
_DROPPED: Final = frozenset({"default", "oneOf", "anyOf", "nullable"})


def paths(operations: Iterable[Operation]) -> Object:
    """The `paths` member."""
    by_path: dict[str, list[Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, []).append(operation)
    return {path: _path_item(found) for path, found in sorted(by_path.items())}


def shared_parameters() -> Object:
    """The `parameters` member: what several operations take."""
    groups = (LIST, DELETE_COLLECTION, WRITE, PATCH, LOG, *OPTIONS.values(), (NAMESPACE, PRETTY, PATH))
    out = {f"{p.name}-{p.shared}": _inline(p) for group in groups for p in group if p.shared}
    out |= {ref: _body(name, name.endswith("Patch")) for name, ref in _SHARED_BODIES.items()}
    return dict(sorted(out.items()))


def _path_item(operations: list[Operation]) -> Object:
    common = common_parameters(operations)
    out: Object = {op.method: _operation(op, common) for op in operations}
    if common:
        out["parameters"] = [_parameter(p) for p in common]
    return out


def _operation(operation: Operation, common: list[Parameter]) -> Object:
    found: list[tuple[str, Object]] = [
        (p.name, _parameter(p)) for p in ordered(operation.parameters) if p not in common
    ]
    if operation.body:
        found.append(("body", _body_reference(operation)))
        found.sort(key=lambda pair: pair[0])
    out: Object = {"description": operation.description}
    if operation.consumes:
        out["consumes"] = list(operation.consumes)
    out |= {
        "produces": list(operation.produces),
        "schemes": ["https"],
        "tags": [operation.tag],
        "operationId": operation.id,
    }
    if found:
        out["parameters"] = [parameter for _, parameter in found]
    out["responses"] = {
        code: {"description": RESPONSE_TEXTS[code], "schema": _schema(model)}
        for code, model in operation.responses.items()
    }
    out["responses"]["401"] = {"description": RESPONSE_TEXTS["401"]}
    if operation.action:
        out["x-kubernetes-action"] = operation.action
    if operation.group_version_kind is not None:
        group, version, kind = operation.group_version_kind
        out["x-kubernetes-group-version-kind"] = {"group": group, "kind": kind, "version": version}
    return out


def _schema(model: str) -> Object:
    return {"type": "string"} if model == TEXT else {"$ref": PREFIX + model}


def _parameter(parameter: Parameter) -> Object:
    if parameter.shared:
        return {"$ref": f"#/parameters/{parameter.name}-{parameter.shared}"}
    return _inline(parameter)


def _inline(parameter: Parameter) -> Object:
    out: Object = {"uniqueItems": True, "type": parameter.type}
    if parameter.description:
        out["description"] = parameter.description
    out["name"] = parameter.name
    out["in"] = parameter.place
    if parameter.required:
        out["required"] = True
    return out


def _body_reference(operation: Operation) -> Object:
    shared = _SHARED_BODIES.get(operation.body)
    if shared and operation.body_required == shared.endswith("78PwaGsr"):
        return {"$ref": "#/parameters/" + shared}
    return _body(operation.body, operation.body_required)


def _body(model: str, required: bool) -> Object:
    out: Object = {"name": "body", "in": "body"}
    if required:
        out["required"] = True
    return {**out, "schema": {"$ref": PREFIX + model}}


def definition(raw: Mapping[str, Any]) -> Object:
    """A definition in OpenAPI v2: references without siblings, none of the keys that v2 lacks."""
    return _convert(raw)


def _convert(raw: Mapping[str, Any]) -> Object:
    branches = raw.get("allOf", ())
    if len(branches) == 1 and "$ref" in branches[0] and "type" not in raw:
        raw = {**{key: value for key, value in raw.items() if key != "allOf"}, "$ref": branches[0]["$ref"]}
    out: Object = {}
    if "oneOf" in raw and "type" not in raw:
        out["type"] = "string"
    for key, value in raw.items():
        if key in _DROPPED:
            continue
        if key == "$ref":
            out[key] = value.replace(V3_PREFIX, PREFIX)
        elif key == "properties":
            out[key] = {name: _convert(schema) for name, schema in value.items()}
        elif key in ("items", "additionalProperties", "not") and isinstance(value, Mapping):
            out[key] = _convert(value)
        elif key in ("allOf",):
            out[key] = [_convert(schema) for schema in value]
        else:
            out[key] = value
    return out
