"""The certificates and keys that kubeadm makes, in a directory laid out as /etc/kubernetes/pki."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Signer = tuple[x509.Certificate, Key]


def write_pki(directory: Path) -> None:
    """ca, front-proxy-ca and etcd/ca, what they sign, and sa.key with sa.pub."""
    (directory / "etcd").mkdir(parents=True)
    ca = _authority(directory / "ca", "kubernetes")
    front = _authority(directory / "front-proxy-ca", "front-proxy-ca")
    etcd = _authority(directory / "etcd" / "ca", "etcd-ca")
    _signed(directory / "apiserver", ca, "kube-apiserver")
    _signed(directory / "apiserver-kubelet-client", ca, "kube-apiserver-kubelet-client", "kubeadm:cluster-admins")
    _signed(directory / "admin", ca, "kubernetes-super-admin", "system:masters")
    _signed(directory / "front-proxy-client", front, "front-proxy-client")
    _signed(directory / "etcd" / "server", etcd, "localhost")
    _signed(directory / "apiserver-etcd-client", etcd, "kube-apiserver-etcd-client")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    _write_key(directory / "sa.key", key)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (directory / "sa.pub").write_bytes(public)


def _write_key(path: Path, key: Key) -> None:
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )


def _builder(subject: x509.Name, key: Key) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
    )


def _authority(path: Path, name: str) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(True, False, True, False, False, True, False, False, False)
    certificate = (
        _builder(subject, key)
        .issuer_name(subject)
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(path, certificate, key)
    return certificate, key


def _signed(path: Path, signer: Signer, name: str, group: str = "") -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if group:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    issuer, issuer_key = signer
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    certificate = (
        _builder(x509.Name(parts), key)
        .issuer_name(issuer.subject)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(authority, critical=False)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .sign(issuer_key, hashes.SHA256())
    )
    _write(path, certificate, key)


def _write(path: Path, certificate: x509.Certificate, key: Key) -> None:
    path.with_name(f"{path.name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    _write_key(path.with_name(f"{path.name}.key"), key)
