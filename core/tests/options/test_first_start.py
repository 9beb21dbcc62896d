"""The files of the first start: made once, private, remade only when they no longer fit."""

from __future__ import annotations

import dataclasses
import os
import ssl
import stat
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from kubern.options import first_start
from kubern.options.collect import read_options
from kubern.options.facts import Facts
from kubern.options.first_start import make_files, write_admin_kubeconfig
from kubern.options.options import complete
from kubern.plugins import build_plugin_manager


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    plugins = build_plugin_manager()
    arguments = [f"--data-dir={tmp_path / 'data'}", "--advertise-address=192.0.2.7"]
    return complete(read_options(plugins.flag_sections(), arguments, {}), plugins).facts


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def names(path: Path) -> set[str]:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in alternatives}


def test_everything_is_private(facts: Facts) -> None:
    """Directories 0700, files 0600."""
    make_files(facts)
    for path in (facts.data_dir, *facts.data_dir.rglob("*")):
        assert stat.S_IMODE(os.stat(path).st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_certificates_say_what_they_are_for(facts: Facts) -> None:
    """All names are in the serving certificate, the administrator is in system:masters, both are signed by the CA."""
    make_files(facts)
    assert names(facts.files.serving_cert) == {
        "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
        "localhost", "192.0.2.7", "10.0.0.1", "127.0.0.1", "::1",
    }  # fmt: skip
    ca = x509.load_pem_x509_certificate(facts.files.ca_cert.read_bytes())
    admin = x509.load_pem_x509_certificate(facts.files.admin_cert.read_bytes())
    assert admin.subject.rfc4514_string() == "CN=kubernetes-admin,O=system:masters"
    admin.verify_directly_issued_by(ca)
    x509.load_pem_x509_certificate(facts.files.serving_cert.read_bytes()).verify_directly_issued_by(ca)


def test_a_second_start_changes_nothing(facts: Facts) -> None:
    """Clients' kubeconfigs stay good."""
    make_files(facts)
    before = contents(facts.data_dir)
    make_files(facts)
    assert contents(facts.data_dir) == before


def test_new_names_make_a_new_serving_certificate_only(facts: Facts) -> None:
    """The CA and the administrator's certificate stay."""
    make_files(facts)
    before = contents(facts.data_dir)
    make_files(dataclasses.replace(facts, serving_names=(*facts.serving_names, "new.example")))
    after = contents(facts.data_dir)
    assert {name for name in before if before[name] != after[name]} == {
        "pki/apiserver.crt", "pki/apiserver.key", "pki/made.json"
    }  # fmt: skip
    assert "new.example" in names(facts.files.serving_cert)


def test_certificates_that_end_soon_are_made_anew(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start a month before the end renews."""
    make_files(facts)
    before = facts.files.admin_cert.read_bytes()
    monkeypatch.setattr(first_start, "RENEW_BEFORE", 366 * 86400)
    make_files(facts)
    assert facts.files.admin_cert.read_bytes() != before


def test_somebody_elses_certificate_is_kept(facts: Facts) -> None:
    """What was not made here is not replaced, whatever it is for."""
    make_files(facts)
    facts.files.serving_cert.write_bytes(b"mine")
    make_files(dataclasses.replace(facts, serving_names=("other",)))
    assert facts.files.serving_cert.read_bytes() == b"mine"


def test_the_kubeconfig_is_complete(facts: Facts) -> None:
    """Server, CA and client certificate are in the file itself."""
    make_files(facts)
    write_admin_kubeconfig(facts.files, "https://127.0.0.1:6443", facts.files.ca_cert)
    config = yaml.safe_load(facts.files.admin_kubeconfig.read_text())
    assert config["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"
    assert config["current-context"] == "kubernetes-admin@kubern"
    assert stat.S_IMODE(os.stat(facts.files.admin_kubeconfig).st_mode) == 0o600


def test_the_pairs_belong_together(facts: Facts) -> None:
    """Every certificate loads with its key, and the service account's keys are a pair."""
    make_files(facts)
    for name in ("apiserver", "admin", "front-proxy-client"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(facts.files.pki_dir / f"{name}.crt", facts.files.pki_dir / f"{name}.key")
    assert b"BEGIN PUBLIC KEY" in facts.files.service_account_public_key.read_bytes()


def test_own_files_are_not_made(tmp_path: Path) -> None:
    """With a client CA of the user's own there is no administrator's certificate."""
    plugins = build_plugin_manager()
    arguments = [f"--data-dir={tmp_path / 'data'}", "--client-ca-file=/x", "--service-account-key-file=/y"]
    facts = complete(read_options(plugins.flag_sections(), arguments, {}), plugins).facts
    make_files(facts)
    assert not facts.files.admin_cert.exists()
    assert not facts.files.service_account_key.exists()
    assert facts.files.serving_cert.exists()
