"""The flag of OpenTelemetry tracing (upstream: options.TracingOptions)."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass
class TraceOptions:
    """Whether and where requests are traced."""

    tracing_config_file: str = ""
    """File with the collector's endpoint and sampling rate (apiserver.config.k8s.io TracingConfiguration)."""

    def file_flags(self) -> dict[str, str]:
        """Files that must be readable when named, by flag."""
        return {"--tracing-config-file": self.tracing_config_file}
