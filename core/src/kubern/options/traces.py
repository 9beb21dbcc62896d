"""The flag of OpenTelemetry tracing (upstream: options.TracingOptions)."""

from __future__ import annotations

import dataclasses
from pathlib import Path


@dataclasses.dataclass
class TraceOptions:
    """Whether and where requests are traced."""

    tracing_config_file: str = ""
    """File with the collector's endpoint and sampling rate (apiserver.config.k8s.io TracingConfiguration). Needs the
    extra kubern-core[tracing]."""

    def validate(self) -> list[str]:
        if not Path(self.tracing_config_file).is_file():
            return []  # said by `file_flags`
        from kubern.tracing.config import TracingConfigError, load_tracing_config

        try:
            load_tracing_config(self.tracing_config_file)
        except TracingConfigError as error:
            return [f"--tracing-config-file: {problem}" for problem in error.problems]
        return []

    def file_flags(self) -> dict[str, str]:
        """Files that must be readable when named, by flag."""
        return {"--tracing-config-file": self.tracing_config_file}
