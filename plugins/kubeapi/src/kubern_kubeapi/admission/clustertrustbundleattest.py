"""The ClusterTrustBundleAttest plugin: bundles of a signer take permission for it (upstream: certificates/ctbattest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import Attributes, Handler
from kubern.util.goquote import go_quote
from kubern_kubeapi.admission.signers import is_authorized_for_signer

if TYPE_CHECKING:
    from kubern.config import CompletedConfig


class ClusterTrustBundleAttest(Handler):
    """Watches over bundles that name a signer."""

    resources = frozenset({("certificates.k8s.io", "clustertrustbundles")})

    def __init__(self, config: CompletedConfig) -> None:
        self._config = config

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        if attributes.subresource or attributes.object is None:
            return
        signer = (attributes.object.get("spec") or {}).get("signerName", "")
        if not signer:
            return
        if not await is_authorized_for_signer(self._config.authorizer, attributes.user, "attest", signer):
            raise new_forbidden(attributes, f"user not permitted to attest for signerName {go_quote(signer)}")
