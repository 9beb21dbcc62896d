"""Core's admission plugins: namespaces are core's own kind. Next: `namespace_lifecycle.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.contributions import AdmissionPluginSpec
from kubern.hookspecs import hookimpl

if TYPE_CHECKING:
    from kubern.admission.interface import AdmissionPlugin
    from kubern.config import CompletedConfig


@hookimpl
def kubern_register_admission_plugins() -> list[AdmissionPluginSpec]:
    return [AdmissionPluginSpec("NamespaceLifecycle", 300, _namespace_lifecycle, default_enabled=True)]


def _namespace_lifecycle(config: CompletedConfig) -> AdmissionPlugin:
    from kubern.builtin.namespace_lifecycle import NamespaceLifecycle

    return NamespaceLifecycle(config)
