"""Defaults of a definition (upstream: apiextensions/v1/defaults.go), and the empty fields Go always writes.

Next: `hub.py`.
"""

from __future__ import annotations

from kubern_apiextensions.api.crd import Object
from kubern_apiextensions.api.schemaprops import normalize

WEBHOOK_PORT = 443


def set_defaults(crd: Object) -> None:
    """Bring a decoded definition into the form that is validated and stored, in place."""
    spec = _object(crd, "spec")
    _set_names(_object(spec, "names"))
    _set_conversion(spec)
    spec["versions"] = spec.get("versions") or []
    spec.setdefault("group", "")
    spec.setdefault("scope", "")
    for version in spec["versions"]:
        _set_version(version)
    if spec.get("preserveUnknownFields") is False:
        del spec["preserveUnknownFields"]
    _set_status(crd)


def _object(parent: Object, name: str) -> Object:
    """The member `name`, made when it is missing or null."""
    value: Object = parent.get(name) or {}
    parent[name] = value
    return value


def _drop_empty(obj: Object, *names: str) -> None:
    for name in names:
        if name in obj and obj[name] in (None, "", [], {}, False):
            del obj[name]


def _set_names(names: Object) -> None:
    names.setdefault("plural", "")
    names.setdefault("kind", "")
    kind = names["kind"]
    if not names.get("singular"):
        names["singular"] = kind.lower()
    if not names.get("listKind") and kind:
        names["listKind"] = kind + "List"
    _drop_empty(names, "singular", "listKind", "shortNames", "categories")


def _set_conversion(spec: Object) -> None:
    if spec.get("conversion") is None:
        spec["conversion"] = {"strategy": "None"}
    conversion = spec["conversion"]
    conversion.setdefault("strategy", "")
    webhook = conversion.get("webhook")
    if webhook is None:
        conversion.pop("webhook", None)
        return
    webhook.setdefault("conversionReviewVersions", None)
    client = webhook.get("clientConfig")
    if client is None:
        webhook.pop("clientConfig", None)
        return
    service = client.get("service")
    if service is not None:
        service.setdefault("name", "")
        service.setdefault("namespace", "")
        if service.get("port") is None:
            service["port"] = WEBHOOK_PORT
    for name in [n for n, v in client.items() if v is None]:
        del client[name]


def _set_version(version: Object) -> None:
    version.setdefault("name", "")
    version.setdefault("served", False)
    version.setdefault("storage", False)
    _drop_empty(version, "deprecated", "additionalPrinterColumns", "selectableFields")
    for name in ("schema", "subresources", "deprecationWarning"):
        if version.get(name, 0) is None:
            del version[name]
    schema = version.get("schema")
    if schema is not None:
        if schema.get("openAPIV3Schema") is None:
            schema.pop("openAPIV3Schema", None)
        else:
            normalize(schema["openAPIV3Schema"])
    for column in version.get("additionalPrinterColumns", ()):
        for name in ("name", "type", "jsonPath"):
            column.setdefault(name, "")
        _drop_empty(column, "description", "format")
        if not column.get("priority", 1):
            del column["priority"]
    for selectable in version.get("selectableFields", ()):
        selectable.setdefault("jsonPath", "")
    _set_subresources(version.get("subresources"))


def _set_subresources(subresources: Object | None) -> None:
    if subresources is None:
        return
    for name in [n for n, v in subresources.items() if v is None]:
        del subresources[name]
    scale = subresources.get("scale")
    if scale is not None:
        scale.setdefault("specReplicasPath", "")
        scale.setdefault("statusReplicasPath", "")
        if scale.get("labelSelectorPath", 0) is None:
            del scale["labelSelectorPath"]


def _set_status(crd: Object) -> None:
    status = _object(crd, "status")
    status["conditions"] = status.get("conditions")
    names = _object(status, "acceptedNames")
    names.setdefault("plural", "")
    names.setdefault("kind", "")
    _drop_empty(names, "singular", "listKind", "shortNames", "categories")
    stored = status.get("storedVersions") or None
    if stored is None:
        storage = next((v.get("name", "") for v in crd["spec"]["versions"] if v.get("storage")), None)
        stored = None if storage is None else [storage]
    status["storedVersions"] = stored
