"""Client certificates: the user is the common name, the groups are the organizations (upstream: request/x509)."""

from __future__ import annotations

from kubern.authentication.client_certificate import Certificate, check_dates, client_chain, parse_certificate
from kubern.authentication.groups import with_authenticated_group
from kubern.authentication.interface import AuthenticationError, AuthenticationResponse
from kubern.authentication.trust import TrustAnchors
from kubern.request import RequestContext, User

CREDENTIAL_ID = "authentication.kubernetes.io/credential-id"
_MAX_CACHED = 1024


class X509:
    """Accepts certificates signed by the CAs of --client-ca-file. Identities are kept per chain."""

    def __init__(self, anchors: TrustAnchors) -> None:
        self._anchors = anchors
        self._generation = anchors.generation
        self._known: dict[tuple[bytes, ...], AuthenticationResponse | None] = {}

    async def authenticate(self, ctx: RequestContext) -> AuthenticationResponse | None:
        chain = client_chain(ctx)
        if not chain:
            return None
        self._anchors.refresh()
        if self._generation != self._anchors.generation:
            self._known.clear()
            self._generation = self._anchors.generation
        check_dates(chain)
        if chain not in self._known:
            if len(self._known) >= _MAX_CACHED:
                self._known.clear()
            self._known[chain] = self._identify(chain)
        return self._known[chain]

    def _identify(self, chain: tuple[bytes, ...]) -> AuthenticationResponse | None:
        certificate = parse_certificate(chain[0])
        if not self._anchors.trusts(chain):
            raise AuthenticationError(f"{describe(certificate)}: x509: certificate signed by unknown authority")
        if not certificate.for_clients:
            raise AuthenticationError(f"{describe(certificate)}: x509: certificate specifies an incompatible key usage")
        if not certificate.common_name:
            return None
        user = User(
            certificate.common_name,
            uid=_uid(certificate),
            groups=certificate.organizations,
            extra={CREDENTIAL_ID: (f"X509SHA256={certificate.fingerprint}",)},
        )
        return with_authenticated_group(AuthenticationResponse(user))


def _uid(certificate: Certificate) -> str:
    """The UID that a certificate gives its user, usually none."""
    if len(certificate.uids) > 1:
        raise AuthenticationError(f"{describe(certificate)}: more than one UID in the subject")
    if certificate.uids == ("",):
        raise AuthenticationError(f"{describe(certificate)}: an empty UID in the subject")
    return certificate.uids[0] if certificate.uids else ""


def describe(certificate: Certificate) -> str:
    """How a certificate is named in the log."""
    return f"verifying certificate SN={certificate.serial}, subject {certificate.subject!r} failed"
