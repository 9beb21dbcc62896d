"""What is wrong with signing requests, in Go's words."""

from __future__ import annotations

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from kubern_kubeapi.groups.certificates.pem import request_problem

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
