"""For which audiences a kubelet may ask tokens (upstream: noderestriction.validateNodeServiceAccountAudience).

Those that the pod's volumes name, and those that the node has been allowed with the verb below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.interface import Attributes
from kubern.authorization.interface import Attributes as Question
from kubern.authorization.interface import AuthorizationError, Decision
from kubern.util.goquote import go_quote
from kubern_kubeapi.admission.lister import Lister
from kubern_kubeapi.admission.pods import volumes

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
GATE = "ServiceAccountNodeAudienceRestriction"
VERB = "request-serviceaccounts-token-audience"


class Audiences:
    """Answers whether a node may ask for a token."""

    def __init__(self, config: CompletedConfig) -> None:
        self._config = config
        self._enabled = GATE in config.options.facts.feature_gates
        self._claims = Lister(config, "", "persistentvolumeclaims")
        self._volumes = Lister(config, "", "persistentvolumes")
        self._drivers = Lister(config, "storage.k8s.io", "csidrivers")

    async def problem(self, attributes: Attributes, asked: list[str], pod: Object) -> str:
        """Why a token for `asked` may not be given, "" when it may."""
        if not self._enabled:
            return ""
        if len(asked) > 1:
            return "node may only request 0 or 1 audiences"
        audience = asked[0] if asked else ""
        if await self._is_referenced(pod, audience):
            return ""
        return await self._grant_problem(attributes, audience)

    async def _grant_problem(self, attributes: Attributes, audience: str) -> str:
        user = attributes.user
        question = Question(
            user,
            VERB,
            resource_request=True,
            namespace=attributes.namespace,
            resource=audience,
            name=attributes.name,
        )
        start = f"audience {go_quote(audience)} not found in pod spec volume, "
        try:
            decision, _ = await self._config.authorizer.authorize(question)
        except AuthorizationError as error:
            return f"{start}error authorizing {user.name} to request tokens for this audience: {error.text}"
        if decision is Decision.ALLOW:
            return ""
        return f"{start}{user.name} is not authorized to request tokens for this audience"

    async def _is_referenced(self, pod: Object, audience: str) -> bool:
        for volume in volumes(pod):
            for source in (volume.get("projected") or {}).get("sources") or ():
                token = source.get("serviceAccountToken")
                if token is not None and token.get("audience", "") == audience:
                    return True
            driver = await self._driver_of(pod, volume)
            if driver and audience in await self._driver_audiences(driver):
                return True
        return False

    async def _driver_of(self, pod: Object, volume: Object) -> str:
        """The CSI driver that serves a volume, directly or through a claim."""
        if volume.get("csi") is not None:
            return str(volume["csi"].get("driver", ""))
        name = (volume.get("persistentVolumeClaim") or {}).get("claimName", "")
        if volume.get("ephemeral") is not None:
            name = f"{pod['metadata']['name']}-{volume.get('name', '')}"
        claim = await self._claims.get(pod["metadata"]["namespace"], name) if name else None
        bound = (claim or {}).get("spec", {}).get("volumeName", "")
        found = await self._volumes.get("", bound) if bound else None
        return str((((found or {}).get("spec") or {}).get("csi") or {}).get("driver", ""))

    async def _driver_audiences(self, name: str) -> list[str]:
        driver = await self._drivers.get("", name)
        requests = ((driver or {}).get("spec") or {}).get("tokenRequests") or ()
        return [request.get("audience", "") for request in requests]
