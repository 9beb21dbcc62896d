"""Completion fills what depends on the machine or on other flags; validation names every problem at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kubern.options.authentication import AuthenticationOptions
from kubern.options.authorization import AuthorizationOptions
from kubern.options.collect import read_options
from kubern.options.etcd import EtcdOptions
from kubern.options.generic import GenericOptions
from kubern.options.insecure_serving import InsecureServingOptions
from kubern.options.misc import MiscOptions
from kubern.options.options import CompletedOptions, complete
from kubern.options.secure_serving import SecureServingOptions
from kubern.plugins import Plugins, build_plugin_manager


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return build_plugin_manager()


@pytest.fixture
def completed(plugins: Plugins, tmp_path: Path) -> Any:
    """completed("--flag=value", ...) with a data directory of the test's own."""

    def make(*arguments: str) -> CompletedOptions:
        given = (f"--data-dir={tmp_path / 'data'}", *arguments)
        return complete(read_options(plugins.flag_sections(), given, {}), plugins)

    return make


def test_addresses_and_names(completed: Any) -> None:
    """The service range has its default, its first address is the API server's, all names go into the certificate."""
    options = completed("--advertise-address=192.0.2.7", "--external-hostname=api.example")
    facts = options.facts
    assert options.section(MiscOptions).service_cluster_ip_range == "10.0.0.0/24"
    assert str(facts.api_server_service_ip) == "10.0.0.1"
    assert facts.serving_names == (
        "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
        "localhost", "api.example", "192.0.2.7", "10.0.0.1", "127.0.0.1", "::1",
    )  # fmt: skip


def test_the_advertise_address_is_one_that_others_can_reach(completed: Any) -> None:
    """The bind address if it is concrete; never the unspecified address."""
    assert completed("--bind-address=192.0.2.9").section(GenericOptions).advertise_address == "192.0.2.9"
    assert completed("--bind-address=192.0.2.9").section(GenericOptions).external_hostname == "192.0.2.9"
    assert completed().section(GenericOptions).advertise_address not in ("", "0.0.0.0")


def test_two_service_ranges_for_dual_stack(completed: Any) -> None:
    """The first one is primary."""
    options = completed("--service-cluster-ip-range=fd00::/112,10.9.0.0/16")
    assert [str(r) for r in options.facts.service_ranges] == ["fd00::/112", "10.9.0.0/16"]
    assert str(options.facts.api_server_service_ip) == "fd00::1"
    assert options.validate() == []


def test_files_of_the_data_directory_fill_what_is_not_given(completed: Any, tmp_path: Path) -> None:
    """Certificates and keys are planned, named by the flags they stand for, and not written."""
    options = completed()
    pki = tmp_path / "data" / "pki"
    assert options.section(SecureServingOptions).tls_cert_file == str(pki / "apiserver.crt")
    assert options.section(AuthenticationOptions).client_ca_file == str(pki / "ca.crt")
    assert options.section(AuthenticationOptions).requestheader_username_headers == ("X-Remote-User",)
    assert options.section(MiscOptions).service_account_signing_key_file == str(pki / "sa.key")
    assert options.validate() == []
    assert not (tmp_path / "data").exists()


def test_own_files_are_kept(completed: Any, tmp_path: Path) -> None:
    """A flag that names a file of the user's own makes nothing in its place."""
    ca = tmp_path / "ca.crt"
    ca.touch()
    options = completed(f"--client-ca-file={ca}", "--cert-dir=/tmp/certs")
    assert options.section(AuthenticationOptions).client_ca_file == str(ca)
    assert options.section(SecureServingOptions).tls_cert_file == "/tmp/certs/apiserver.crt"
    assert not options.facts.files.makes_client_ca
    assert options.facts.files.makes_service_account_key


def test_the_storage_backend_follows_the_etcd_servers(completed: Any) -> None:
    """Embedded by default, etcd when servers are named."""
    assert completed().section(EtcdOptions).storage_backend == "sqlite"
    assert completed("--etcd-servers=http://127.0.0.1:2379").section(EtcdOptions).storage_backend == "etcd3"


def test_always_allow_is_the_default_and_refuses_anonymous(completed: Any) -> None:
    """As upstream: nobody is anonymous and all-powerful."""
    options = completed()
    assert options.section(AuthorizationOptions).authorization_mode == ("AlwaysAllow",)
    assert options.section(AuthenticationOptions).anonymous_auth is False


def test_former_names_fill_present_ones(completed: Any) -> None:
    """The insecure port's short names of 1.12."""
    section = completed("--port=8080", "--address=127.0.0.2").section(InsecureServingOptions)
    assert (section.insecure_port, section.insecure_bind_address) == (8080, "127.0.0.2")


def test_legacy_runtime_config_keys(completed: Any) -> None:
    """v1 and api/v1 mean the core group's version, api/legacy means nothing."""
    options = completed("--runtime-config=api/v1=false,api/legacy=true,apps/v1=true")
    assert dict(options.section("api enablement").runtime_config) == {"/v1": "false", "apps/v1": "true"}


def test_watch_cache_sizes_scale_with_memory_and_yield_to_the_user(completed: Any) -> None:
    """The heuristics of 1.12: 60 MB of memory for each node."""
    sizes = completed("--target-ram-mb=6000", "--watch-cache-sizes=pods#7").facts.watch_cache_sizes
    assert sizes["nodes"] == 1000
    assert sizes["endpoints"] == 1000
    assert sizes["pods"] == 7
    assert sizes["events"] == 0


def test_completed_options_are_frozen_and_typed(completed: Any) -> None:
    """A completed section is still its dataclass but cannot be changed, nor does it change what it was made of."""
    options = completed()
    section = options.section(GenericOptions)
    assert isinstance(section, GenericOptions)
    assert options.section("generic") is section
    with pytest.raises(AttributeError, match="completed"):
        section.request_timeout = 1.0


def test_validation_lists_all_problems_with_their_flags(completed: Any) -> None:
    """One start tells everything that is wrong."""
    problems = completed(
        "--secure-prt=1", "--secure-port=x", "--goaway-chance=1", "--tls-cert-file=/none.crt",
        "--tls-private-key-file=/none.key", "--authorization-mode=RBAC,Magic,Magic", "--storage-backend=tape",
        "--enable-admission-plugins=Magic", "--service-cluster-ip-range=10.0.0.0/30", "--token-auth-file=/none.csv",
        "--audit-log-mode=never", "--service-account-issuer=",
    ).validate()  # fmt: skip
    flags = {problem.split(":")[0] for problem in problems}
    assert flags == {
        "unknown flag", "--secure-port", "--goaway-chance", "--tls-cert-file", "--tls-private-key-file",
        "--authorization-mode", "--storage-backend", "--enable-admission-plugins", "--service-cluster-ip-range",
        "--token-auth-file", "--audit-log-mode", "--service-account-issuer",
    }  # fmt: skip
    assert "--tls-cert-file: cannot read '/none.crt': No such file or directory" in problems


def test_the_flags_that_kubeadm_writes_are_valid(completed: Any, tmp_path: Path) -> None:
    """A usual manifest works unchanged, apart from modes that its plugins bring."""
    for name in ("ca.crt", "apiserver.crt", "apiserver.key", "sa.pub", "sa.key", "front-proxy-ca.crt"):
        (tmp_path / name).touch()
    problems = completed(
        "--advertise-address=192.0.2.7", "--allow-privileged=true", "--authorization-mode=Node,RBAC",
        f"--client-ca-file={tmp_path}/ca.crt", "--enable-admission-plugins=NodeRestriction",
        "--enable-bootstrap-token-auth=true", "--etcd-servers=https://127.0.0.1:2379",
        f"--etcd-cafile={tmp_path}/ca.crt", "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
        f"--proxy-client-cert-file={tmp_path}/apiserver.crt", f"--proxy-client-key-file={tmp_path}/apiserver.key",
        "--requestheader-allowed-names=front-proxy-client", f"--requestheader-client-ca-file={tmp_path}/front-proxy-ca.crt",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-", "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-username-headers=X-Remote-User", "--secure-port=6443",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={tmp_path}/sa.pub", f"--service-account-signing-key-file={tmp_path}/sa.key",
        "--service-cluster-ip-range=10.96.0.0/12", f"--tls-cert-file={tmp_path}/apiserver.crt",
        f"--tls-private-key-file={tmp_path}/apiserver.key",
    ).validate()  # fmt: skip
    assert [problem for problem in problems if not problem.startswith("--authorization-mode")] == []
