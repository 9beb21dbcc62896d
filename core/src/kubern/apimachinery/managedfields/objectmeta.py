"""The schema of ObjectMeta, for kinds whose own schema only says that metadata is an object (custom resources)."""

from __future__ import annotations

from typing import Any, Final

PREFIX: Final = "io.k8s.apimachinery.pkg.apis.meta.v1."
OBJECT_META: Final = PREFIX + "ObjectMeta"


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{PREFIX}{name}"}


_STRING: Final = {"type": "string"}
_STRINGS: Final = {"type": "object", "additionalProperties": _STRING}
_INTEGER: Final = {"type": "integer", "format": "int64"}
_NAME: Final = {"type": "string", "default": ""}

DEFINITIONS: Final[dict[str, dict[str, Any]]] = {
    OBJECT_META: {
        "type": "object",
        "properties": {
            "annotations": _STRINGS,
            "creationTimestamp": _ref("Time"),
            "deletionGracePeriodSeconds": _INTEGER,
            "deletionTimestamp": _ref("Time"),
            "finalizers": {"type": "array", "items": _STRING, "x-kubernetes-list-type": "set"},
            "generateName": _STRING,
            "generation": _INTEGER,
            "labels": _STRINGS,
            "managedFields": {"type": "array", "items": _ref("ManagedFieldsEntry"), "x-kubernetes-list-type": "atomic"},
            "name": _STRING,
            "namespace": _STRING,
            "ownerReferences": {
                "type": "array",
                "items": _ref("OwnerReference"),
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["uid"],
            },
            "resourceVersion": _STRING,
            "selfLink": _STRING,
            "uid": _STRING,
        },
    },
    PREFIX + "OwnerReference": {
        "type": "object",
        "x-kubernetes-map-type": "atomic",
        "properties": {
            "apiVersion": _NAME,
            "blockOwnerDeletion": {"type": "boolean"},
            "controller": {"type": "boolean"},
            "kind": _NAME,
            "name": _NAME,
            "uid": _NAME,
        },
    },
    PREFIX + "ManagedFieldsEntry": {
        "type": "object",
        "properties": {
            "apiVersion": _STRING,
            "fieldsType": _STRING,
            "fieldsV1": {"type": "object"},
            "manager": _STRING,
            "operation": _STRING,
            "subresource": _STRING,
            "time": _ref("Time"),
        },
    },
    PREFIX + "Time": {"type": "string", "format": "date-time"},
}
