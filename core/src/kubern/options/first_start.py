"""The files of the first start: certificate authorities, certificates, keys and the administrator's kubeconfig.

What was made is recorded in `pki/made.json` with its digest: a later start remakes only what is missing, ends soon or
no longer fits, and never replaces a file that somebody else put there. Next: `../util/certificates.py`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubern.util.certificates import KeyPair, new_ca, new_certificate, new_rsa_key, public_key_of

if TYPE_CHECKING:
    from kubern.options.facts import Facts, Files

RENEW_BEFORE = 30 * 86400
"""Seconds before its end that a certificate is made anew."""
ADMIN = "kubernetes-admin"


def make_files(facts: Facts) -> None:
    """Make what is missing. Raises OSError."""
    files = facts.files
    _make_directory(files.data_dir)
    _make_directory(files.pki_dir)
    _make_directory(files.serving_dir)
    token_key = _TokenKey(files) if files.makes_service_account_key else None
    workshop = _Workshop(files.pki_dir / "made.json")
    ca = workshop.authority(files.ca_cert, files.ca_key, "kubernetes")
    if files.makes_client_ca:
        workshop.certificate(files.admin_cert, files.admin_key, ca, ADMIN, organizations=("system:masters",))
    if files.makes_serving_cert:
        names = facts.serving_names
        workshop.certificate(files.serving_cert, files.serving_key, ca, "kube-apiserver", names=names, server=True)
    if files.makes_front_proxy:
        proxy_ca = workshop.authority(files.front_proxy_ca_cert, files.front_proxy_ca_key, "front-proxy-ca")
        workshop.certificate(
            files.front_proxy_client_cert, files.front_proxy_client_key, proxy_ca, "front-proxy-client"
        )
    if token_key is not None:
        token_key.write()
    workshop.save()


class _Workshop:
    """Makes certificates and remembers what it made."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self._made: dict[str, dict[str, Any]] = json.loads(record.read_text()) if record.exists() else {}
        self._changed = False

    def authority(self, cert: Path, key: Path, name: str) -> tuple[Path, Path]:
        """A CA, made once and for all."""
        if not cert.exists() or not key.exists():
            self._write(cert, key, new_ca(name), {})
        return cert, key

    def certificate(self, cert: Path, key: Path, ca: tuple[Path, Path], name: str, **what: Any) -> None:
        """A certificate of a CA, made anew when it ends soon, or is of another CA or for other names."""
        ca_cert, ca_key = ca
        facts = {"ca": _digest(ca_cert), "name": name, **{k: v if v is True else list(v) for k, v in what.items()}}
        if cert.exists() and key.exists() and self._still_good(cert, facts):
            return
        pair = new_certificate(KeyPair(ca_cert.read_bytes(), ca_key.read_bytes(), 0), name, **what)
        self._write(cert, key, pair, facts)

    def _still_good(self, cert: Path, facts: dict[str, Any]) -> bool:
        made = self._made.get(str(cert))
        if made is None or made["digest"] != _digest(cert):
            return True
        return bool(made["facts"] == facts and made["not_after"] - time.time() > RENEW_BEFORE)

    def _write(self, cert: Path, key: Path, pair: KeyPair, facts: dict[str, Any]) -> None:
        write_private(key, pair.key)
        write_private(cert, pair.cert)
        self._made[str(cert)] = {"digest": _digest(cert), "not_after": pair.not_after, "facts": facts}
        self._changed = True

    def save(self) -> None:
        if self._changed:
            write_private(self._record, json.dumps(self._made, indent=1).encode())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _make_directory(path: Path) -> None:
    if not path.exists():
        path.mkdir(mode=0o700, parents=True)


def write_private(path: Path, content: bytes) -> None:
    """Replace a file as a whole, readable by its owner alone."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    temporary.replace(path)


class _TokenKey:
    """The key that signs tokens of service accounts: an RSA key, made in a thread beside the certificates."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._made: list[bytes] = []
        self._thread = threading.Thread(target=lambda: self._made.append(new_rsa_key()), name="service-account-key")
        if not files.service_account_key.exists():
            self._thread.start()

    def write(self) -> None:
        """Write the key, if it was missing, and its public half."""
        files = self._files
        if self._thread.ident is not None:
            self._thread.join()
            write_private(files.service_account_key, self._made[0])
            files.service_account_public_key.unlink(missing_ok=True)
        if not files.service_account_public_key.exists():
            write_private(files.service_account_public_key, public_key_of(files.service_account_key.read_bytes()))


def write_admin_kubeconfig(files: Files, url: str, serving_ca: Path) -> None:
    """Write admin.kubeconfig for a server at `url` whose certificate `serving_ca` signed (or is)."""
    if not files.makes_client_ca:
        return
    content = kubeconfig(url, serving_ca, files.admin_cert, files.admin_key).encode()
    path = files.admin_kubeconfig
    if not path.exists() or path.read_bytes() != content:
        write_private(path, content)


def kubeconfig(url: str, serving_ca: Path, cert: Path, key: Path) -> str:
    """A kubeconfig with everything in it."""

    def encoded(path: Path) -> str:
        return base64.b64encode(path.read_bytes()).decode()

    return f"""\
apiVersion: v1
kind: Config
clusters:
- name: kubern
  cluster:
    server: {url}
    certificate-authority-data: {encoded(serving_ca)}
users:
- name: {ADMIN}
  user:
    client-certificate-data: {encoded(cert)}
    client-key-data: {encoded(key)}
contexts:
- name: {ADMIN}@kubern
  context:
    cluster: kubern
    user: {ADMIN}
current-context: {ADMIN}@kubern
"""
