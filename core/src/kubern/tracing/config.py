"""The file that --tracing-config-file names (upstream: component-base/tracing/api and apiserver's loader)."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

API_VERSIONS = ("apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1beta1", "apiserver.config.k8s.io/v1alpha1")
MILLION = 1_000_000
DEFAULT_ENDPOINT = "localhost:4317"


class TracingConfigError(ValueError):
    """The file cannot be used; `problems` lists why."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclasses.dataclass(frozen=True, slots=True)
class TracingConfig:
    """Where spans go (host:port of an OTLP collector over gRPC) and how many of a million requests have one."""

    endpoint: str = DEFAULT_ENDPOINT
    sampling_rate_per_million: int = 0


def load_tracing_config(path: str) -> TracingConfig:
    """Read and check the file. Raises TracingConfigError, OSError."""
    from kubern.apimachinery.yaml import load_yaml

    try:
        loaded = load_yaml(Path(path).read_bytes())[0]
    except ValueError as error:
        raise TracingConfigError([str(error)]) from error
    if not isinstance(loaded, dict):
        raise TracingConfigError(["must be a TracingConfiguration"])
    return _checked(loaded)


def _checked(loaded: dict[str, Any]) -> TracingConfig:
    problems = []
    if loaded.get("kind") != "TracingConfiguration" or loaded.get("apiVersion") not in API_VERSIONS:
        problems.append(f"kind must be TracingConfiguration, apiVersion one of {', '.join(API_VERSIONS)}")
    for name in sorted(loaded.keys() - {"kind", "apiVersion", "endpoint", "samplingRatePerMillion"}):
        problems.append(f'unknown field "{name}"')
    rate = loaded.get("samplingRatePerMillion") or 0
    if type(rate) is not int or rate < 0:
        problems.append(f"samplingRatePerMillion: Invalid value: {rate}: sampling rate must be positive")
    elif rate > MILLION:
        problems.append(
            f"samplingRatePerMillion: Invalid value: {rate}: sampling rate per million must be less than or equal to "
            "one million"
        )
    endpoint = loaded.get("endpoint") or DEFAULT_ENDPOINT
    if not isinstance(endpoint, str) or " " in endpoint:
        problems.append(f"endpoint: Invalid value: {endpoint!r}: must be host:port or a URL")
    if problems:
        raise TracingConfigError(problems)
    return TracingConfig(endpoint, rate)
