"""What is wrong with signing requests, in Go's words."""

from __future__ import annotations

import base64
import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from kubern_kubeapi.groups.certificates.asn1 import Problem
from kubern_kubeapi.groups.certificates.pem import certificate_problem, common_name, parse_request, request_problem

PARAMETERS = (
    "{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 "
    "timeType:0 set:false omitEmpty:false} certificateRequest @"
)
KEYS = {
    "crypto/rsa: verification error": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "x509: ECDSA verification failure": ec.generate_private_key(ec.SECP256R1()),
    "x509: Ed25519 verification failure": ed25519.Ed25519PrivateKey.generate(),
}


def _pem(data: bytes) -> bytes:
    return b"-----BEGIN CERTIFICATE REQUEST-----\n" + base64.encodebytes(data) + b"-----END CERTIFICATE REQUEST-----\n"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"not a csr", "structure error: tags don't match (16 vs {class:1 tag:14 length:111 isCompound:true}) %s2"),
        (b"\x00\x00\x00", "structure error: tags don't match (16 vs {class:0 tag:0 length:0 isCompound:false}) %s2"),
        (b"", "syntax error: sequence truncated"),
        (b"\x30", "syntax error: truncated tag or length"),
        (b"\x30\x05\x01", "syntax error: data truncated"),
        (b"\x30\x80\x01", "syntax error: indefinite length found (not DER)"),
        (b"\x30\x81\x01\x00", "structure error: non-minimal length"),
        (b"\x30\x00\x00", "syntax error: trailing data"),
        (b"\x1f\x01\x00", "syntax error: non-minimal tag"),
    ],
)
def test_data_that_is_no_sequence(data: bytes, problem: str) -> None:
    """The first value's tag and length are looked at before anything else."""
    assert request_problem(_pem(data)) == f"asn1: {problem}".replace("%s", PARAMETERS)


@pytest.mark.parametrize("problem", KEYS)
def test_wrong_signatures(problem: str) -> None:
    """The words depend on the kind of key."""
    key = KEYS[problem]
    algorithm = None if "Ed25519" in problem else hashes.SHA256()
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    data = builder.sign(key, algorithm).public_bytes(serialization.Encoding.DER)  # type: ignore[arg-type]
    assert request_problem(_pem(data)) == ""
    assert request_problem(_pem(data[:-1] + bytes([data[-1] ^ 1]))) == problem


def _certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a")])
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _block(data: bytes, kind: bytes = b"CERTIFICATE", headers: bytes = b"") -> bytes:
    return b"-----BEGIN %b-----\n%b%b-----END %b-----\n" % (kind, headers, base64.encodebytes(data), kind)


ONE = _certificate()


@pytest.mark.parametrize(
    ("pem", "problem"),
    [
        (b"", ""),
        (_block(ONE), ""),
        (_block(ONE) + b"text\n" + _block(ONE), ""),
        (_block(ONE + ONE), ""),
        (_block(ONE + b"\x00"), "x509: malformed certificate"),
        (_block(b"x"), "x509: malformed certificate"),
        (_block(b""), "found CERTIFICATE PEM block containing 0 certificates"),
        (_block(ONE, headers=b"A: b\n\n"), "no PEM block headers are permitted"),
        (_block(ONE, b"PRIVATE KEY"), 'only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"'),
        (b"text", "must contain at least one CERTIFICATE PEM block"),
    ],
)
def test_certificates(pem: bytes, problem: str) -> None:
    """Several in one block or several blocks, and nothing but them."""
    assert certificate_problem(pem) == problem


def test_a_request_is_parsed_without_its_signature() -> None:
    """The last common name counts, as in Go; a wrong signature is nobody's business there."""
    names = [x509.NameAttribute(x509.NameOID.COMMON_NAME, name) for name in ("a", "b")]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    key = KEYS["x509: ECDSA verification failure"]
    data = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)  # type: ignore[arg-type]
    assert common_name(parse_request(_pem(data[:-1] + bytes([data[-1] ^ 1])))) == "b"
    with pytest.raises(Problem, match="PEM block type must be CERTIFICATE REQUEST"):
        parse_request(b"")
