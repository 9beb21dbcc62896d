"""The CertificateApproval plugin: approving takes permission for the signer (upstream: certificates/approval)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import UPDATE, Attributes, Handler
from kubern.util.goquote import go_quote
from kubern_kubeapi.admission.signers import is_authorized_for_signer

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

REQUESTS = ("certificates.k8s.io", "certificatesigningrequests")


class CertificateApproval(Handler):
    """Watches over the approval subresource."""

    operations = (UPDATE,)
    resources = frozenset({REQUESTS})

    def __init__(self, config: CompletedConfig) -> None:
        self._config = config

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        old = attributes.old_object
        if attributes.subresource != "approval" or old is None:
            return
        # The old object's signer: what an update says of it has not been checked yet.
        signer = old["spec"].get("signerName", "")
        if not await is_authorized_for_signer(self._config.authorizer, attributes.user, "approve", signer):
            text = f"user not permitted to approve requests with signerName {go_quote(signer)}"
            raise new_forbidden(attributes, text)
