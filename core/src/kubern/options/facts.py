"""What completion finds out beyond single flags. Next: `completion.py`, which gathers it."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Mapping
from pathlib import Path

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclasses.dataclass(frozen=True, slots=True)
class Files:
    """The files that the first start makes in --data-dir, and which of them this configuration needs.

    The generated serving certificate is in `serving_dir`: --cert-dir when given. A False `makes_*` means that flags name files of the user's own for that purpose.
    """

    data_dir: Path
    serving_dir: Path
    makes_serving_cert: bool
    makes_client_ca: bool
    makes_front_proxy: bool
    makes_service_account_key: bool

    @property
    def pki_dir(self) -> Path:
        return self.data_dir / "pki"

    @property
    def ca_cert(self) -> Path:
        return self.pki_dir / "ca.crt"

    @property
    def ca_key(self) -> Path:
        return self.pki_dir / "ca.key"

    @property
    def serving_cert(self) -> Path:
        return self.serving_dir / "apiserver.crt"

    @property
    def serving_key(self) -> Path:
        return self.serving_dir / "apiserver.key"

    @property
    def admin_cert(self) -> Path:
        return self.pki_dir / "admin.crt"

    @property
    def admin_key(self) -> Path:
        return self.pki_dir / "admin.key"

    @property
    def front_proxy_ca_cert(self) -> Path:
        return self.pki_dir / "front-proxy-ca.crt"

    @property
    def front_proxy_ca_key(self) -> Path:
        return self.pki_dir / "front-proxy-ca.key"

    @property
    def front_proxy_client_cert(self) -> Path:
        return self.pki_dir / "front-proxy-client.crt"

    @property
    def front_proxy_client_key(self) -> Path:
        return self.pki_dir / "front-proxy-client.key"

    @property
    def service_account_key(self) -> Path:
        return self.pki_dir / "sa.key"

    @property
    def service_account_public_key(self) -> Path:
        return self.pki_dir / "sa.pub"

    def made(self) -> frozenset[str]:
        """Paths that the start makes when they are missing."""
        made: list[Path] = []
        if self.makes_client_ca:
            made += [self.ca_cert]
        if self.makes_serving_cert:
            made += [self.serving_cert, self.serving_key]
        if self.makes_front_proxy:
            made += [self.front_proxy_ca_cert, self.front_proxy_client_cert, self.front_proxy_client_key]
        if self.makes_service_account_key:
            made += [self.service_account_key, self.service_account_public_key]
        return frozenset(map(str, made))

    @property
    def admin_kubeconfig(self) -> Path:
        return self.data_dir / "admin.kubeconfig"


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """Derived values.

    `service_ranges` are one or two networks, the first is primary; `api_server_service_ip` is the first address
    of the primary one, the cluster IP of the service kubernetes. `serving_names` are the DNS names and addresses
    of a generated serving certificate. `watch_cache_sizes` maps `resource` or `resource.group` to a number of
    events. `feature_gates` are the names of those that are on.
    """

    data_dir: Path
    service_ranges: tuple[IPNetwork, ...]
    api_server_service_ip: IPAddress | None
    serving_names: tuple[str, ...]
    watch_cache_sizes: Mapping[str, int]
    feature_gates: frozenset[str]
    files: Files
