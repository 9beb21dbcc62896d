"""PEM blocks and the certificates and requests in them, judged as Go's packages do. Next: `validation.py`."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, NamedTuple

from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.certificates.asn1 import Problem, check_sequence, read_header

if TYPE_CHECKING:
    from cryptography import x509

_BLOCK = re.compile(rb"-----BEGIN ([^\n]+?)-----[ \t]*\r?\n(.*?)-----END \1-----", re.DOTALL)
_HEADER = re.compile(rb"[^:\n]+:[^\n]*\n")
REQUEST_TYPE = "CERTIFICATE REQUEST"
CERTIFICATE_TYPE = "CERTIFICATE"
_WRONG_SIGNATURES = (
    ("EC", "x509: ECDSA verification failure"),
    ("Ed25519", "x509: Ed25519 verification failure"),
    ("", "crypto/rsa: verification error"),
)
"""By a part of the key's class."""
_MALFORMED = "asn1: structure error: tags don't match"


class Block(NamedTuple):
    """One block: its type, whether headers precede the data, and the data."""

    type: str
    headers: bool
    data: bytes


def blocks(pem: bytes) -> list[Block]:
    """The well-formed blocks in order; text between them is skipped (Go: pem.Decode)."""
    out = []
    for match in _BLOCK.finditer(pem):
        body = match.group(2)
        header = _HEADER.match(body)
        text = body.split(b"\n\n", 1)[-1] if header else body
        try:
            data = base64.b64decode(b"".join(text.split()), validate=True)
        except binascii.Error:
            continue
        out.append(Block(match.group(1).decode("utf-8", "replace"), header is not None, data))
    return out


def parse_request(pem: bytes) -> x509.CertificateSigningRequest:
    """The signing request in `pem`, its signature not checked (upstream: ParseCSR). Raises Problem."""
    found = blocks(pem)
    if not found or found[0].type != REQUEST_TYPE:
        raise Problem("PEM block type must be CERTIFICATE REQUEST")
    from cryptography import x509

    check_sequence(found[0].data, "certificateRequest")
    try:
        return x509.load_der_x509_csr(found[0].data)
    except Exception as error:  # border to the parser, whose errors have many classes
        raise Problem(_MALFORMED) from error


def common_name(request: x509.CertificateSigningRequest) -> str:
    """The subject's CN, the last of several, "" for none."""
    from cryptography.x509 import NameOID

    names = [str(a.value) for a in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return names[-1] if names else ""


def request_problem(pem: bytes) -> str:
    """Why `pem` is no signing request with a valid signature, "" when it is one."""
    try:
        request = parse_request(pem)
    except Problem as problem:
        return str(problem)
    try:
        valid = request.is_signature_valid
        algorithm = type(request.public_key()).__name__
    except Exception:  # noqa: BLE001  # border to the parser, whose errors have many classes
        return _MALFORMED
    return "" if valid else next(text for name, text in _WRONG_SIGNATURES if name in algorithm)


def certificate_problem(pem: bytes) -> str:
    """Why `pem` is not one or more certificates, "" when it is or is empty."""
    if not pem:
        return ""
    found = blocks(pem)
    for block in found:
        if block.type != CERTIFICATE_TYPE:
            return f"only CERTIFICATE PEM blocks are allowed, found {go_quote(block.type)}"
        if block.headers:
            return "no PEM block headers are permitted"
        if not block.data:
            return "found CERTIFICATE PEM block containing 0 certificates"
        if not _all_certificates(block.data):
            return "x509: malformed certificate"
    return "" if found else "must contain at least one CERTIFICATE PEM block"


def _all_certificates(data: bytes) -> bool:
    """Whether `data` is certificates and nothing else: one block may have several."""
    from cryptography import x509

    while data:
        try:
            header = read_header(data)
            end = header.offset + header.length
            x509.load_der_x509_certificate(data[:end])
        except Exception:  # noqa: BLE001  # border to the parser, whose errors have many classes
            return False
        data = data[end:]
    return True
