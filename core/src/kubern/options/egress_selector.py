"""The flag that routes the server's outgoing connections (upstream: options.EgressSelectorOptions)."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass
class EgressSelectorOptions:
    """How the server reaches nodes, webhooks and other API servers."""

    egress_selector_config_file: str = ""
    """File with proxies for outgoing connections (apiserver.k8s.io EgressSelectorConfiguration)."""

    def file_flags(self) -> dict[str, str]:
        """Files that must be readable when named, by flag."""
        return {"--egress-selector-config-file": self.egress_selector_config_file}
