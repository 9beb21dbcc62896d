"""Flags of the in-tree cloud providers that kube-apiserver had until 1.33."""

from __future__ import annotations

import dataclasses

from kubern.options.section import flag

EXTERNAL = "cloud providers run outside of the API server"


@dataclasses.dataclass
class CloudProviderOptions:
    """In-tree cloud providers."""

    cloud_config: str = flag("", upstream="1.12", no_effect=EXTERNAL)
    """The cloud provider's configuration file."""

    cloud_provider: str = flag("", upstream="1.12", no_effect=EXTERNAL)
    """The cloud provider; empty for none."""

    cloud_provider_gce_lb_src_cidrs: str = flag(
        "130.211.0.0/22,209.85.152.0/22,209.85.204.0/22,35.191.0.0/16", upstream="1.12", no_effect=EXTERNAL
    )
    """Source ranges of the load balancers of one cloud provider."""
