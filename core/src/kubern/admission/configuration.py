"""The plugins' own configuration: --admission-control-config-file (upstream: apiserver/pkg/admission/config.go).

A file of kind AdmissionConfiguration holds each plugin's configuration or the path of a file with it. A file of
another kind is the configuration of the plugins that had one before that kind existed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubern.lifecycle import StartError

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

KIND = "AdmissionConfiguration"
VERSIONS = ("apiserver.config.k8s.io/v1", "apiserver.k8s.io/v1alpha1")
LEGACY_PLUGINS = frozenset({"ImagePolicyWebhook", "PodNodeSelector"})
_FLAG = "--admission-control-config-file"


def plugin_configuration(config: CompletedConfig, name: str) -> dict[str, Any] | None:
    """The configuration document of the plugin `name`, None when there is none. Raises StartError."""
    from kubern.options.admission import AdmissionOptions

    file = config.options.section(AdmissionOptions).admission_control_config_file
    if not file:
        return None
    path = Path(file)
    document = _load(path)
    if document.get("kind") != KIND:
        return document if name in LEGACY_PLUGINS else None
    if document.get("apiVersion") not in VERSIONS:
        raise StartError(f"{_FLAG}: apiVersion must be {VERSIONS[0]}, is {document.get('apiVersion')!r}")
    for plugin in document.get("plugins") or ():
        if isinstance(plugin, dict) and plugin.get("name") == name:
            return _configuration_of(plugin, path)
    return None


def configuration_directory(config: CompletedConfig) -> Path:
    """Where paths in plugins' configuration start."""
    from kubern.options.admission import AdmissionOptions

    return Path(config.options.section(AdmissionOptions).admission_control_config_file).parent


def _configuration_of(plugin: dict[str, Any], path: Path) -> dict[str, Any] | None:
    found = plugin.get("configuration")
    if isinstance(found, dict):
        return found
    return _load(path.parent / plugin["path"]) if plugin.get("path") else None


def _load(path: Path) -> dict[str, Any]:
    from kubern.apimachinery.yaml import load_yaml

    try:
        document = load_yaml(path.read_bytes())[0]
    except (OSError, ValueError) as error:
        raise StartError(f"{_FLAG}: {path}: {error}") from error
    if not isinstance(document, dict):
        raise StartError(f"{_FLAG}: {path}: not a YAML mapping")
    return document
