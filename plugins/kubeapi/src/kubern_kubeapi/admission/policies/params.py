"""The parameters that a binding names (upstream: policy/generic CollectParams)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.selectors import label_selector_of
from kubern.util.json_copy import json_copy
from kubern_kubeapi.admission.lister import Lister

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
    from kubern.config import CompletedConfig

Object = dict[str, Any]
NOT_FOUND = "no params found for policy binding with `Deny` parameterNotFoundAction"


class ConfigurationProblem(Exception):
    """The policy or its binding cannot be used."""


class ParamKind:
    """The kind of a policy's parameters."""

    def __init__(self, config: CompletedConfig, document: Object) -> None:
        """Raises ConfigurationProblem when nobody serves the kind."""
        self._config = config
        group, _, version = document.get("apiVersion", "").rpartition("/")
        kind = document.get("kind", "")
        found = self._find(group, version, kind)
        if found is None:
            shown = f"{group}/{version}, Kind={kind}"
            raise ConfigurationProblem(f"failed to find resource referenced by paramKind: '{shown}'")
        self._definition, self._version = found

    def _find(self, group: str, version: str, kind: str) -> tuple[ResourceDefinition, VersionDefinition] | None:
        for definition in self._config.outermost.definitions_of_kind(group, kind):
            found = definition.version(version)
            if found is not None and found.served:
                return definition, found
        return None

    async def collect(self, reference: Object, request_namespace: str) -> list[Object]:
        """The parameters of a binding. Raises ConfigurationProblem."""
        namespace = ""
        if self._definition.namespaced:
            namespace = reference.get("namespace") or request_namespace
            if not namespace:
                raise ConfigurationProblem(
                    "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
                )
        elif reference.get("namespace"):
            raise ConfigurationProblem("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
        lister = Lister(self._config, self._definition.group, self._definition.resource)
        name, selector = reference.get("name", ""), reference.get("selector")
        if name and selector is not None:
            raise ConfigurationProblem("paramRef.name and paramRef.selector are mutually exclusive")
        if name:
            found = await lister.get(namespace, name)
            params = [] if found is None else [found]
        elif selector is not None:
            matches = label_selector_of(selector).matches
            params = [o for o in await lister.objects(namespace) if matches(o["metadata"].get("labels") or {})]
        else:
            raise ConfigurationProblem("one of name or selector must be provided")
        if not params and reference.get("parameterNotFoundAction") == "Deny":
            raise ConfigurationProblem(NOT_FOUND)
        return [self._versioned(obj) for obj in params]

    def _versioned(self, obj: Object) -> Object:
        api_version = self._definition.api_version(self._version.version)
        if obj.get("apiVersion") == api_version:
            return obj
        if self._version.from_hub is None:
            return {**obj, "apiVersion": api_version}
        obj = json_copy(obj)
        self._version.from_hub(obj)
        obj["apiVersion"] = api_version
        return obj


async def collect_params(
    config: CompletedConfig, param_kind: ParamKind | None, binding_spec: Object, namespace: str
) -> list[Object | None]:
    """The parameters to evaluate with, one after the other; None where there are none to give."""
    reference = binding_spec.get("paramRef")
    if param_kind is None or reference is None:
        return [None]
    return [*await param_kind.collect(reference, namespace)]
