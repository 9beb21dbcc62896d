"""What the aggregator member needs beyond the shared config (upstream: kube-aggregator's Config). Next: `server.py`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubern.config import CompletedConfig


@dataclasses.dataclass(frozen=True, slots=True)
class AggregatorConfig:
    """Ready to serve."""

    generic: CompletedConfig
    proxy_client_cert_file: str
    """The certificate that extension API servers know the aggregator by; "" for none."""
    proxy_client_key_file: str
    routes_to_endpoints: bool
    """Whether services are reached at their endpoints instead of their cluster IP."""
    rejects_redirects: bool


def build_config(generic: CompletedConfig) -> AggregatorConfig:
    """Read the flags that matter here from completed options."""
    from kubern.options.misc import MiscOptions

    misc = generic.options.section(MiscOptions)
    return AggregatorConfig(
        generic,
        misc.proxy_client_cert_file,
        misc.proxy_client_key_file,
        misc.enable_aggregator_routing,
        misc.aggregator_reject_forwarding_redirect,
    )
