"""Which admission plugins run: the default set, changed by flags, in slot order (upstream: AdmissionOptions)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.chain import AdmissionChain

if TYPE_CHECKING:
    from kubern.config import CompletedConfig


def build_admission(config: CompletedConfig) -> AdmissionChain:
    """The chain of enabled plugins. Unknown names were refused when the options were validated."""
    from kubern.options.admission import AdmissionOptions

    options = config.options.section(AdmissionOptions)
    specs = sorted(config.plugins.admission_plugins(), key=lambda s: s.slot)
    if options.admission_control:
        enabled = set(options.admission_control)
    else:
        enabled = {s.name for s in specs if s.default_enabled} | set(options.enable_admission_plugins)
        enabled -= set(options.disable_admission_plugins)
    return AdmissionChain((s.name, s.build(config)) for s in specs if s.name in enabled)
