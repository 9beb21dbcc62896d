"""The client certificate of a request's connection: what TLS verified of it, and what is in it.

`serving/protocol.py` puts the chain into the scope's state; TLS verified it against all client CAs together, but for
its dates, which are checked here on every request, as upstream does.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import time
from typing import TYPE_CHECKING

from kubern.authentication.interface import AuthenticationError

if TYPE_CHECKING:
    from cryptography import x509

    from kubern.request import RequestContext

CHAIN_KEY = "client_chain"
UID_OID = "1.3.6.1.4.1.57683.2"
_CLIENT_AUTH = ("1.3.6.1.5.5.7.3.2", "2.5.29.37.0")


@dataclasses.dataclass(frozen=True, slots=True)
class Certificate:
    """The parts of a leaf certificate that say who it is; `fingerprint` is the SHA-256 of its DER form, in hex."""

    common_name: str
    organizations: tuple[str, ...]
    uids: tuple[str, ...]
    fingerprint: str
    for_clients: bool
    subject: str
    serial: int


def client_chain(ctx: RequestContext) -> tuple[bytes, ...]:
    """The verified chain as DER, leaf first; empty when the client showed no certificate."""
    chain: tuple[bytes, ...] = (ctx.scope.get("state") or {}).get(CHAIN_KEY, ())
    return chain


@functools.lru_cache(maxsize=1024)
def parse_certificate(der: bytes) -> Certificate:
    """Read a leaf certificate."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    certificate = x509.load_der_x509_certificate(der)
    subject = certificate.subject
    common_names = [str(a.value) for a in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return Certificate(
        common_name=common_names[-1] if common_names else "",
        organizations=tuple(str(a.value) for a in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)),
        uids=tuple(str(a.value) for a in subject.get_attributes_for_oid(x509.ObjectIdentifier(UID_OID))),
        fingerprint=hashlib.sha256(der).hexdigest(),
        for_clients=_is_for_clients(certificate),
        subject=subject.rfc4514_string(),
        serial=certificate.serial_number,
    )


def _is_for_clients(certificate: x509.Certificate) -> bool:
    """Whether the extended key usage, when there is one, allows client authentication."""
    from cryptography import x509

    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return any(usage.dotted_string in _CLIENT_AUTH for usage in usages)


@functools.lru_cache(maxsize=1024)
def _valid_between(chain: tuple[bytes, ...]) -> tuple[float, float]:
    """The time in which every certificate of a chain is valid."""
    from cryptography import x509

    certificates = [x509.load_der_x509_certificate(der) for der in chain]
    return (
        max(certificate.not_valid_before_utc.timestamp() for certificate in certificates),
        min(certificate.not_valid_after_utc.timestamp() for certificate in certificates),
    )


def check_dates(chain: tuple[bytes, ...]) -> None:
    """Raises AuthenticationError when some certificate of the chain is not valid now."""
    first, last = _valid_between(chain)
    now = time.time()
    if not first <= now <= last:
        raise AuthenticationError("x509: certificate has expired or is not yet valid")
