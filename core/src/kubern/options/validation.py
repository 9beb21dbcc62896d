"""All problems of completed options at once: each section's own, then those that need more than one section.

Next: `../startup.py`, which prints them and ends the start.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING

from kubern.options.admission import KNOWN_PLUGINS, AdmissionOptions
from kubern.options.authentication import AuthenticationOptions
from kubern.options.authorization import AuthorizationOptions
from kubern.options.etcd import EtcdOptions
from kubern.options.features import FeatureOptions
from kubern.options.generic import GenericOptions
from kubern.options.insecure_serving import InsecureServingOptions
from kubern.options.secure_serving import SecureServingOptions

if TYPE_CHECKING:
    from kubern.options.options import CompletedOptions


def validate(options: CompletedOptions) -> list[str]:
    """Problems, each naming its flag, without repetition."""
    problems = list(options.problems)
    for section in options.sections().values():
        if hasattr(section, "validate"):
            problems += section.validate()
    problems += _unreadable_files(options)
    problems += _unknown_names(options)
    problems += _addresses(options)
    problems += _no_seats(options)
    problems += _data_directory(options)
    return list(dict.fromkeys(problems))


def _no_seats(options: CompletedOptions) -> list[str]:
    """Priority and fairness has nothing to share out when both numbers are 0."""
    generic = options.section(GenericOptions)
    reads, writes = generic.max_requests_inflight, generic.max_mutating_requests_inflight
    if not options.section(FeatureOptions).enable_priority_and_fairness or reads + writes > 0:
        return []
    return [
        f"--max-requests-inflight: {reads} and --max-mutating-requests-inflight {writes} must add up to something "
        "positive with --enable-priority-and-fairness"
    ]


def _unreadable_files(options: CompletedOptions) -> list[str]:
    """Files that flags name and that cannot be read; those that the start will make are no problem."""
    named: list[tuple[str, str]] = []
    for section in options.sections().values():
        if hasattr(section, "file_flags"):
            named += section.file_flags().items()
    for key_file in options.section(AuthenticationOptions).service_account_key_file:
        named.append(("--service-account-key-file", key_file))
    for pair in options.section(SecureServingOptions).tls_sni_cert_key:
        named += [("--tls-sni-cert-key", pair.cert_file), ("--tls-sni-cert-key", pair.key_file)]
    made = options.facts.files.made()
    reasons = (
        f"{flag}: cannot read {path!r}: {reason}"
        for flag, path in named
        if path and path not in made and (reason := _unreadable(path))
    )
    return list(reasons)


def _unreadable(path: str) -> str:
    """Why a file cannot be read; empty when it can."""
    try:
        with open(path, "rb") as file:
            file.read(1)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _unknown_names(options: CompletedOptions) -> list[str]:
    """Storage engines, authorization modes and admission plugins that nobody brings."""
    plugins = options.plugins
    engine = options.section(EtcdOptions).storage_backend
    modes = options.section(AuthorizationOptions).authorization_mode
    admission = options.section(AdmissionOptions)
    known = {spec.name for spec in plugins.admission_plugins()} | KNOWN_PLUGINS
    problems = _not_among("--storage-backend", [engine], {backend.name for backend in plugins.storage_backends()})
    problems += _not_among("--authorization-mode", modes, {spec.mode for spec in plugins.authorizers()})
    for name in ("admission_control", "enable_admission_plugins", "disable_admission_plugins"):
        problems += _not_among(f"--{name.replace('_', '-')}", getattr(admission, name), known)
    return problems


def _not_among(flag: str, given: Iterable[str], known: set[str]) -> list[str]:
    return [f"{flag}: unknown {name!r}, known are {', '.join(sorted(known))}" for name in given if name not in known]


def _addresses(options: CompletedOptions) -> list[str]:
    """Addresses and ports that contradict each other."""
    problems = []
    serving, insecure = options.section(SecureServingOptions), options.section(InsecureServingOptions)
    if insecure.insecure_port and insecure.insecure_port == serving.secure_port:
        problems.append(f"--insecure-port: {insecure.insecure_port} is also --secure-port")
    advertised = options.section(GenericOptions).advertise_address
    if advertised and ip_address(advertised).is_unspecified:
        problems.append(f"--advertise-address: {advertised} is no address that can be reached")
    ranges = options.facts.service_ranges
    if advertised and ranges and any(ip_address(advertised) in network for network in ranges):
        problems.append(f"--advertise-address: {advertised} is within --service-cluster-ip-range")
    return problems


def _data_directory(options: CompletedOptions) -> list[str]:
    """Whether --data-dir can be used, without making it."""
    path = options.facts.data_dir
    if path.exists():
        if not path.is_dir():
            return [f"--data-dir: {str(path)!r} is not a directory"]
        return [] if os.access(path, os.W_OK | os.X_OK) else [f"--data-dir: {str(path)!r} is not writable"]
    parent = next((parent for parent in path.parents if parent.exists()), path)
    if not parent.is_dir():
        return [f"--data-dir: cannot be made, {str(parent)!r} is not a directory"]
    return (
        [] if os.access(parent, os.W_OK | os.X_OK) else [f"--data-dir: cannot be made, {str(parent)!r} is not writable"]
    )
