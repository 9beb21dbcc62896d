"""The DenyServiceExternalIPs plugin: services get no new external IPs (upstream: network/denyserviceexternalips)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import Attributes, Handler

if TYPE_CHECKING:
    from kubern.config import CompletedConfig


class DenyServiceExternalIPs(Handler):
    """Refuses external IPs that the service did not have before."""

    resources = frozenset({("", "services")})

    def __init__(self, config: CompletedConfig) -> None:
        pass

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        if attributes.subresource or attributes.object is None:
            return
        if _external_ips(attributes.object) - _external_ips(attributes.old_object or {}):
            raise new_forbidden(attributes, "Use of external IPs is denied by admission control")


def _external_ips(service: dict[str, Any]) -> set[str]:
    return set((service.get("spec") or {}).get("externalIPs") or ())
