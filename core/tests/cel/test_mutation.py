"""Expressions of mutating admission policies: objects and JSON patches built in CEL."""

from __future__ import annotations

import pytest

from kubern.cel import types
from kubern.cel.env import Env
from kubern.cel.errors import CompileErrors
from kubern.cel.kubernetes import base_env
from kubern.cel.library.jsonpatch import jsonpatch_library
from kubern.cel.mutation import JSON_PATCH, object_type, type_name_problems
from kubern.cel.runtime.conversion import to_json


@pytest.fixture(scope="module")
def env() -> Env:
    return base_env().extend(
        variables={"object": types.DYN},
        libraries=[jsonpatch_library()],
        types=[JSON_PATCH],
        type_resolver=object_type,
    )


def test_apply_configuration(env: Env) -> None:
    """Object{...} with nested types becomes a plain object; its type is Object."""
    program = env.compile(
        "Object{metadata: Object.metadata{labels: {'a': object.kind}}, "
        "spec: Object.spec{containers: [Object.spec.containers{name: 'x', ports: [1, 2]}], ?skip: optional.none()}}"
    )
    assert program.output_type.name == "Object"
    value = program.evaluate({"object": {"kind": "Pod"}}).value
    assert type_name_problems(value) == []
    assert to_json(value) == {
        "metadata": {"labels": {"a": "Pod"}},
        "spec": {"containers": [{"name": "x", "ports": [1, 2]}]},
    }


def test_misplaced_types_are_found(env: Env) -> None:
    """A nested object must be named by the path at which it stands."""
    value = env.compile("Object{spec: Object.metadata{}}").evaluate({"object": {}}).value
    assert type_name_problems(value) == [
        'unexpected type name "Object.metadata", expected "Object.spec", which matches field name path from '
        "root Object type"
    ]


def test_json_patches(env: Env) -> None:
    """A list of JSONPatch{...} has that type and gives plain operations."""
    program = env.compile(
        "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b~c'), value: object.kind + '!'}]"
    )
    assert types.format_type(program.output_type) == "list(JSONPatch)"
    assert to_json(program.evaluate({"object": {"kind": "Pod"}}).value) == [
        {"op": "add", "path": "/metadata/labels/a~1b~0c", "value": "Pod!"}
    ]


def test_unknown_field_of_a_patch(env: Env) -> None:
    """Upstream knows the field but no type for it."""
    text = "[JSONPatch{op: 'add', where: '/a'}]"
    with pytest.raises(CompileErrors) as caught:
        env.compile(text)
    assert str(caught.value) == (
        "ERROR: <input>:1:28: expected type of field 'where' is '' but provided type is 'string'\n"
        f" | {text}\n | ...........................^"
    )


def test_types_of_other_objects_are_unknown(env: Env) -> None:
    """Only Object and what lies below it can be built."""
    with pytest.raises(CompileErrors, match="undeclared reference to 'Other'"):
        env.compile("Other{a: 1}")
