"""The CertificateSigning plugin: issuing takes permission for the signer (upstream: certificates/signing)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import UPDATE, Attributes, Handler
from kubern.util.goquote import go_quote
from kubern_kubeapi.admission.certificateapproval import REQUESTS
from kubern_kubeapi.admission.signers import is_authorized_for_signer

if TYPE_CHECKING:
    from kubern.config import CompletedConfig


class CertificateSigning(Handler):
    """Watches over the certificate and the conditions in the status subresource."""

    operations = (UPDATE,)
    resources = frozenset({REQUESTS})

    def __init__(self, config: CompletedConfig) -> None:
        self._config = config

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        obj, old = attributes.object, attributes.old_object
        if attributes.subresource != "status" or obj is None or old is None:
            return
        status, old_status = obj.get("status") or {}, old.get("status") or {}
        if all((status.get(k) or None) == (old_status.get(k) or None) for k in ("certificate", "conditions")):
            return
        signer = old["spec"].get("signerName", "")
        if not await is_authorized_for_signer(self._config.authorizer, attributes.user, "sign", signer):
            raise new_forbidden(attributes, f"user not permitted to sign requests with signerName {go_quote(signer)}")
