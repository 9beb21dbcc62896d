"""Core's completion steps: defaults that depend on the machine or on other flags (upstream: Options.Complete).

They run in the order of STEPS, before the plugins' own. Next: `validation.py`.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType

from kubern.options.admission import AdmissionOptions
from kubern.options.api_enablement import APIEnablementOptions
from kubern.options.authentication import AuthenticationOptions
from kubern.options.authorization import AuthorizationOptions
from kubern.options.etcd import EtcdOptions
from kubern.options.facts import Facts, Files
from kubern.options.feature_gates import enabled_gates
from kubern.options.generic import GenericOptions
from kubern.options.insecure_serving import InsecureServingOptions
from kubern.options.kubern import KubernOptions
from kubern.options.misc import MiscOptions
from kubern.options.options import DEFAULT, Options
from kubern.options.secure_serving import SecureServingOptions
from kubern.options.values import StringMap

DEFAULT_SERVICE_RANGE = "10.0.0.0/24"
DEFAULT_ISSUER = "https://kubernetes.default.svc"
SERVING_NAMES = (
    "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost",
)  # fmt: skip


def former_names(options: Options) -> None:
    """Flags under a former name fill the one they are called now, unless that is given too."""
    insecure = options.section(InsecureServingOptions)
    insecure.insecure_port = insecure.insecure_port or insecure.port
    if insecure.address and not options.is_set("insecure-bind-address"):
        insecure.insecure_bind_address = insecure.address
    etcd = options.section(EtcdOptions)
    etcd.encryption_provider_config = etcd.encryption_provider_config or etcd.experimental_encryption_provider_config
    authentication = options.section(AuthenticationOptions)
    authentication.api_audiences = authentication.api_audiences or authentication.service_account_api_audiences
    admission = options.section(AdmissionOptions)
    admission.admission_control = tuple(name for name in admission.admission_control if name)


def data_directory(options: Options) -> None:
    """--data-dir: $XDG_DATA_HOME/kubern or ~/.local/share/kubern."""
    own = options.section(KubernOptions)
    if not own.data_dir:
        base = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
        own.data_dir = os.path.join(base, "kubern")
    own.data_dir = os.path.abspath(own.data_dir)
    serving = options.section(SecureServingOptions)
    if not options.is_set("cert-dir"):
        serving.cert_dir = os.path.join(own.data_dir, "pki")


def advertise_address(options: Options) -> None:
    """--advertise-address: the bind address, or the default interface's when that cannot be reached from outside."""
    generic = options.section(GenericOptions)
    if not generic.advertise_address:
        bind = ip_address(options.section(SecureServingOptions).bind_address)
        generic.advertise_address = host_address(bind.version) if bind.is_unspecified or bind.is_loopback else str(bind)
    if not generic.external_hostname:
        generic.external_hostname = generic.advertise_address or socket.gethostname()


def host_address(version: int = 4) -> str:
    """The address that packets to the outside leave this host with; the loopback address when there is no way out."""
    family, outside, loopback = (
        (socket.AF_INET6, "2001:db8::1", "::1") if version == 6 else (socket.AF_INET, "192.0.2.1", "127.0.0.1")
    )
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((outside, 9))  # chooses the route, sends nothing
            return str(probe.getsockname()[0])
    except OSError:
        return loopback


def allow_privileged(options: Options) -> None:
    """--allow-privileged: true, unless it is given.

    Differs from kube-apiserver: there it is off, and every installer sets it; system pods need it.
    """
    if options.origin("allow-privileged") == DEFAULT:
        options.section(MiscOptions).allow_privileged = True


def service_range(options: Options) -> None:
    """--service-cluster-ip-range."""
    misc = options.section(MiscOptions)
    misc.service_cluster_ip_range = misc.service_cluster_ip_range or DEFAULT_SERVICE_RANGE


def storage_backend(options: Options) -> None:
    """--storage-backend: etcd3 when etcd servers are named, otherwise the embedded engine."""
    etcd = options.section(EtcdOptions)
    if not etcd.storage_backend:
        etcd.storage_backend = "etcd3" if etcd.etcd_servers else "sqlite"


def authentication(options: Options) -> None:
    """Certificate authorities, front-proxy headers, service account issuer and keys of the data directory."""
    section, misc = options.section(AuthenticationOptions), options.section(MiscOptions)
    files = plan_files(options)
    if files.makes_client_ca:
        section.client_ca_file = str(files.ca_cert)
    if files.makes_front_proxy:
        section.requestheader_client_ca_file = str(files.front_proxy_ca_cert)
        section.requestheader_username_headers = section.requestheader_username_headers or ("X-Remote-User",)
        section.requestheader_group_headers = section.requestheader_group_headers or ("X-Remote-Group",)
        section.requestheader_uid_headers = section.requestheader_uid_headers or ("X-Remote-Uid",)
        section.requestheader_extra_headers_prefix = section.requestheader_extra_headers_prefix or ("X-Remote-Extra-",)
        section.requestheader_allowed_names = section.requestheader_allowed_names or ("front-proxy-client",)
        if not misc.proxy_client_cert_file and not misc.proxy_client_key_file:
            misc.proxy_client_cert_file = str(files.front_proxy_client_cert)
            misc.proxy_client_key_file = str(files.front_proxy_client_key)
    if files.makes_service_account_key:
        misc.service_account_signing_key_file = str(files.service_account_key)
        section.service_account_key_file = section.service_account_key_file or (str(files.service_account_public_key),)
    if not section.service_account_key_file and misc.service_account_signing_key_file:
        section.service_account_key_file = (misc.service_account_signing_key_file,)
    section.service_account_issuer = section.service_account_issuer or (DEFAULT_ISSUER,)
    section.api_audiences = section.api_audiences or section.service_account_issuer


def authorization(options: Options) -> None:
    """--authorization-mode: AlwaysAllow; and with it nobody may stay anonymous."""
    section = options.section(AuthorizationOptions)
    if not section.authorization_mode and not section.authorization_config:
        section.authorization_mode = ("AlwaysAllow",)
    authentication = options.section(AuthenticationOptions)
    if "AlwaysAllow" in section.authorization_mode and authentication.anonymous_auth:
        authentication.anonymous_auth = False
        options.notes.append("anonymous requests are refused with --authorization-mode=AlwaysAllow")


def serving_certificate(options: Options) -> None:
    """--tls-cert-file and its key: the generated pair when none is given."""
    section = options.section(SecureServingOptions)
    if not section.tls_cert_file and not section.tls_private_key_file:
        files = plan_files(options)
        section.tls_cert_file, section.tls_private_key_file = str(files.serving_cert), str(files.serving_key)


def runtime_config(options: Options) -> None:
    """--runtime-config: the keys that the core group's version had before groups existed."""
    section = options.section(APIEnablementOptions)
    values = dict(section.runtime_config)
    for key in list(values):
        if key in ("v1", "api/v1") or key.startswith(("v1/", "api/v1/")):
            values["/v1"] = values.pop(key)
        elif key == "api/legacy":
            del values[key]
    section.runtime_config = StringMap(values)


STEPS: tuple[Callable[[Options], None], ...] = (
    former_names, data_directory, advertise_address, allow_privileged, service_range, storage_backend, authorization, runtime_config,
)  # fmt: skip
FILE_STEPS: tuple[Callable[[Options], None], ...] = (authentication, serving_certificate)


def complete_core(options: Options) -> Files:
    """Run all steps; the files that the configuration needs are decided before the steps that name them."""
    for step in STEPS:
        step(options)
    files = plan_files(options)
    for step in FILE_STEPS:
        step(options)
    return files


def plan_files(options: Options) -> Files:
    """Which files of the data directory this configuration needs."""
    authentication, misc = options.section(AuthenticationOptions), options.section(MiscOptions)
    serving = options.section(SecureServingOptions)
    return Files(
        data_dir=Path(options.section(KubernOptions).data_dir),
        serving_dir=Path(serving.cert_dir),
        makes_serving_cert=not serving.tls_cert_file and not serving.tls_private_key_file,
        makes_client_ca=not authentication.client_ca_file,
        makes_front_proxy=not authentication.requestheader_client_ca_file,
        makes_service_account_key=not (
            misc.service_account_signing_key_file
            or misc.service_account_signing_endpoint
            or authentication.service_account_key_file
        ),
    )


def gather_facts(options: Options, files: Files) -> Facts:
    """The values derived from completed flags."""
    try:
        ranges = options.section(MiscOptions).service_ranges()
    except ValueError:
        ranges = ()
    service_ip = ranges[0][1] if ranges and ranges[0].num_addresses > 1 else None
    generic = options.section(GenericOptions)
    addresses = (generic.advertise_address, str(service_ip or ""), *_bind_address(options), "127.0.0.1", "::1")
    hostname = (generic.external_hostname,)
    return Facts(
        data_dir=files.data_dir,
        service_ranges=ranges,
        api_server_service_ip=service_ip,
        serving_names=tuple(dict.fromkeys(name for name in (*SERVING_NAMES, *hostname, *addresses) if name)),
        watch_cache_sizes=MappingProxyType(watch_cache_sizes(options)),
        feature_gates=enabled_gates(generic.feature_gates),
        files=files,
    )


def _bind_address(options: Options) -> tuple[str, ...]:
    bind = options.section(SecureServingOptions).bind_address
    return () if ip_address(bind).is_unspecified else (bind,)


def watch_cache_sizes(options: Options) -> dict[str, int]:
    """Sizes by resource: events are not cached, --target-ram-mb scales the rest, --watch-cache-sizes has the last word.

    The scale is upstream's of 1.12: 60 MB of memory for each node that the cluster may have.
    """
    nodes = options.section(GenericOptions).target_ram_mb // 60
    sizes = {"events": 0, "events.events.k8s.io": 0}
    if nodes:
        sizes |= {
            "replicationcontrollers": max(5 * nodes, 100),
            "endpoints": max(10 * nodes, 1000),
            "nodes": max(5 * nodes, 1000),
            "pods": max(50 * nodes, 1000),
            "services": max(5 * nodes, 1000),
            "apiservices.apiregistration.k8s.io": max(5 * nodes, 1000),
        }
    return sizes | options.section(EtcdOptions).cache_sizes()
