"""The flag that routes the server's outgoing connections (upstream: options.EgressSelectorOptions).

Next: `../remote/egress.py`.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubern.remote.dialing import Dial
    from kubern.remote.egress import EgressSelector


@dataclasses.dataclass
class EgressSelectorOptions:
    """How the server reaches nodes, webhooks and other API servers."""

    egress_selector_config_file: str = ""
    """File with proxies for outgoing connections (apiserver.k8s.io EgressSelectorConfiguration)."""

    def file_flags(self) -> dict[str, str]:
        """Files that must be readable when named, by flag."""
        return {"--egress-selector-config-file": self.egress_selector_config_file}

    @functools.cached_property
    def selector(self) -> EgressSelector:
        """What the file says. Raises OSError, EgressError."""
        from kubern.remote.egress import load_egress_selector

        return load_egress_selector(self.egress_selector_config_file)

    @property
    def cluster(self) -> Dial | None:
        """How kubelets, pods, services and what is behind them are dialled."""
        return self.selector.dial("cluster")

    @property
    def control_plane(self) -> Dial | None:
        """How webhooks and issuers that a URL names are dialled."""
        return self.selector.dial("controlplane")

    @property
    def etcd_proxy(self) -> str:
        """The http URL of the proxy on the way to etcd, "" for none."""
        proxy = self.selector.proxies.get("etcd")
        return proxy.url if proxy is not None else ""

    def validate(self) -> list[str]:
        """Every problem."""
        try:
            if self.egress_selector_config_file:
                _ = self.selector
        except OSError:
            return []  # told for all files together
        except ValueError as error:
            return [f"--egress-selector-config-file: {error}"]
        return []
