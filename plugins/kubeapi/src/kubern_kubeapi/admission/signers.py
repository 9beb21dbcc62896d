"""Who may act for a signer of certificates (upstream: apis/certificates IsAuthorizedForSignerName)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.authorization.interface import Attributes, Decision

if TYPE_CHECKING:
    from kubern.authorization.interface import Authorizer
    from kubern.request import User


async def is_authorized_for_signer(authorizer: Authorizer, user: User, verb: str, signer: str) -> bool:
    """Whether `user` may `verb` for the signer of that name, or for all signers of its domain."""
    domain = signer.split("/", 1)[0]
    for name in (signer, f"{domain}/*"):
        question = Attributes(
            user,
            verb,
            resource_request=True,
            api_group="certificates.k8s.io",
            api_version="*",
            resource="signers",
            name=name,
        )
        decision, _ = await authorizer.authorize(question)
        if decision is Decision.ALLOW:
            return True
    return False
