"""Flags of the unauthenticated plain port that kube-apiserver had until 1.20."""

from __future__ import annotations

import dataclasses

from kubern.options.section import flag
from kubern.options.values import IP

DEPRECATED = "use the TLS port"


@dataclasses.dataclass
class InsecureServingOptions:
    """A plain HTTP port without authentication and authorization; off unless a port is given."""

    address: IP = flag("", upstream="1.12", deprecated="use --insecure-bind-address")
    """The former name of --insecure-bind-address."""

    insecure_bind_address: IP = flag("127.0.0.1", upstream="1.12", deprecated=DEPRECATED)
    """The IP address to listen on with --insecure-port."""

    insecure_port: int = flag(0, upstream="1.12", deprecated=DEPRECATED)
    """The port for plain HTTP where every request has full rights. 0: none."""

    port: int = flag(0, upstream="1.12", deprecated="use --insecure-port")
    """The former name of --insecure-port."""

    def validate(self) -> list[str]:
        wrong = [name for name in ("insecure_port", "port") if not 0 <= getattr(self, name) <= 65535]
        return [f"--{name.replace('_', '-')}: {getattr(self, name)} must be from 0 to 65535" for name in wrong]
