"""Flags of the generic server: addresses, limits, timeouts, shutdown (upstream: options.ServerRunOptions)."""

from __future__ import annotations

import dataclasses
import re

from kubern.options.section import flag
from kubern.options.values import IP, Duration, FeatureGateMap, StringMap, Strings

ONE_VERSION = "this server serves one version, 1.36"


@dataclasses.dataclass
class GenericOptions:
    """How the server presents itself, what it admits at once and how long things may take."""

    advertise_address: IP = ""
    """The IP address that members of the cluster reach this server at. Empty: the bind address, or when that is
    unspecified or a loopback address, the address of this host's default interface."""

    cors_allowed_origins: Strings = ()
    """Origins allowed by CORS, comma separated regular expressions, each anchored with ^ or // at its start and with
    $ or : at its end. Empty: CORS is off."""

    emulated_version: Strings = flag((), no_effect=ONE_VERSION)
    """The version to behave as, given as [component=]1.36."""

    emulation_forward_compatible: bool = flag(False, no_effect=ONE_VERSION)
    """Serve APIs that are newer than the emulated version."""

    external_hostname: str = ""
    """The hostname to use in URLs given to clients. Empty: the advertise address."""

    feature_gates: FeatureGateMap = StringMap()
    """Features to switch on or off: Name=true|false pairs, separated by commas. `kubern gates` lists the known ones."""

    goaway_chance: float = 0.0
    """The chance, 0 to .02, that a request's connection is closed so that the client dials again and load is spread
    anew over several servers. 0: never."""

    livez_grace_period: Duration = 0
    """How long the start may take. Until then unfinished post-start hooks do not make /livez fail."""

    max_mutating_requests_inflight: int = 200
    """Together with --max-requests-inflight the number of requests served at once: their sum is shared out by
    API priority and fairness; without it each limits its own kind. 0: no limit."""

    max_requests_inflight: int = 400
    """Like --max-mutating-requests-inflight, for requests that do not write."""

    min_compatibility_version: Strings = flag((), no_effect=ONE_VERSION)
    """The oldest version of other control-plane members to stay compatible with, given as [component=]1.36."""

    min_request_timeout: int = 1800
    """Seconds that a watch without a timeout of its own stays open at least; the actual time is chosen at random
    between this and twice this, to spread load."""

    request_timeout: Duration = 60
    """How long a request may take before it is ended, unless it is a long-running one such as a watch."""

    runtime_config_emulation_forward_compatible: bool = flag(False, no_effect=ONE_VERSION)
    """Serve APIs named one by one in --runtime-config even when newer than the emulated version."""

    send_retry_after_while_not_ready_once: bool = False
    """Until the server is ready for the first time, answer everything but health checks with 429 and Retry-After."""

    shutdown_delay_duration: Duration = 0
    """How long to go on serving after a stop signal while /readyz already fails, so that load balancers notice."""

    shutdown_send_retry_after: bool = False
    """After --shutdown-delay-duration answer new requests with 429, Retry-After and Connection: close while requests
    in flight finish, instead of refusing connections."""

    shutdown_watch_termination_grace_period: Duration = 0
    """How long watches are given to end at shutdown, spread over that time. 0: they end at once."""

    storage_initialization_timeout: Duration = 60
    """How long the start waits for storage before it goes on and reports not ready."""

    strict_transport_security_directives: Strings = ()
    """Directives for the Strict-Transport-Security header. Empty: no header. Example:
    max-age=31536000,includeSubDomains,preload."""

    master_service_namespace: str = flag(
        "default", upstream="1.12", no_effect="the kubernetes service is always in the namespace default"
    )
    """The namespace of the kubernetes service."""

    target_ram_mb: int = flag(0, upstream="1.12", deprecated="use --watch-cache-sizes to size single caches")
    """The memory in MB that the server is meant for; sizes of watch caches are derived from it."""

    def validate(self) -> list[str]:
        problems = []
        if not 0 <= self.goaway_chance <= 0.02:
            problems.append(f"--goaway-chance: {self.goaway_chance:g} must be from 0 to 0.02")
        for name in (
            "livez_grace_period", "max_mutating_requests_inflight", "max_requests_inflight", "min_request_timeout",
            "request_timeout", "shutdown_delay_duration", "shutdown_watch_termination_grace_period", "target_ram_mb",
            "storage_initialization_timeout",
        ):  # fmt: skip
            if getattr(self, name) < 0:
                problems.append(f"--{name.replace('_', '-')}: must not be negative")
        if 0 < self.target_ram_mb < 1:
            problems.append("--target-ram-mb: must be at least 1")
        if self.feature_gates:
            from kubern.options.feature_gates import feature_gate_problems

            problems += feature_gate_problems(self.feature_gates)
        for name in ("emulated_version", "min_compatibility_version"):
            problems += _version_problems(f"--{name.replace('_', '-')}", getattr(self, name))
        problems += _hsts_problems(self.strict_transport_security_directives)
        return problems + _cors_problems(self.cors_allowed_origins)


def _version_problems(flag_name: str, given: tuple[str, ...]) -> list[str]:
    """Versions other than the one that is served, or of components that are not here."""
    accepted = {"--emulated-version": ("1.36",), "--min-compatibility-version": ("1.35", "1.36")}[flag_name]
    problems = []
    for text in given:
        component, _, version = text.rpartition("=")
        if component not in ("", "kube"):
            problems.append(f"{flag_name}: {text!r}: component not registered: {component}")
        elif version.removeprefix("v") not in accepted:
            problems.append(f"{flag_name}: {text!r} must be {' or '.join(accepted)}: {ONE_VERSION}")
    return problems


def _hsts_problems(directives: tuple[str, ...]) -> list[str]:
    """Directives that RFC 6797 does not know."""
    known = re.compile(r"max-age=\d+|includeSubDomains|preload")
    return [
        f"--strict-transport-security-directives: {text!r} must be max-age=SECONDS, includeSubDomains or preload"
        for text in directives
        if known.fullmatch(text) is None
    ]


def _cors_problems(origins: tuple[str, ...]) -> list[str]:
    """Every origin must be a regular expression that is pinned at both ends of the host name."""
    if not origins:
        return []
    import re2

    problems = []
    for origin in origins:
        try:
            re2.compile(origin)
        except re2.error as error:
            problems.append(f"--cors-allowed-origins: {origin!r} is no regular expression: {error}")
            continue
        if not origin.startswith("^") and "//" not in origin:
            problems.append(f"--cors-allowed-origins: {origin!r} must be pinned at the start of the host with ^ or //")
        if not origin.endswith("$") and ":" not in origin.partition("//")[2]:
            problems.append(f"--cors-allowed-origins: {origin!r} must be pinned at the end of the host with $ or :")
    return problems
