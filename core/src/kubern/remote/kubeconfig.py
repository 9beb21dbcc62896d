"""Kubeconfig files that say where a webhook is and how to reach it (upstream: client-go/tools/clientcmd).

Only what servers use of them: the current context's cluster and user, files and embedded data. Next: `client.py`.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kubern.remote.dialing import Dial

Object = dict[str, Any]


class KubeconfigError(ValueError):
    """A kubeconfig file that cannot be used; the text names it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Endpoint:
    """A server and the credentials for it. PEM data is bytes, empty when there is none."""

    url: str
    ca: bytes = b""
    client_cert: bytes = b""
    client_key: bytes = b""
    token: str = ""
    username: str = ""
    password: str = ""
    server_name: str = ""
    insecure: bool = False
    dial: Dial | None = None
    """How connections are opened, None for directly."""


def load_kubeconfig(path: str) -> Endpoint:
    """The endpoint of the current context. Raises OSError, KubeconfigError."""
    from kubern.apimachinery.yaml import load_yaml

    try:
        config = load_yaml(Path(path).read_bytes())[0]
        context = _named(config, "contexts", config.get("current-context", ""), "context")
        cluster = _named(config, "clusters", context.get("cluster", ""), "cluster")
        user = _named(config, "users", context["user"], "user") if context.get("user") else {}
    except (ValueError, TypeError, AttributeError) as error:
        raise KubeconfigError(f"kubeconfig {path!r}: {error}") from error
    if not cluster.get("server"):
        raise KubeconfigError(f"kubeconfig {path!r}: the cluster of the current context must have a server")
    base = Path(path).parent
    return dataclasses.replace(
        user_endpoint(user, base),
        url=str(cluster["server"]).rstrip("/"),
        ca=_data(cluster, "certificate-authority", base),
        server_name=cluster.get("tls-server-name", ""),
        insecure=bool(cluster.get("insecure-skip-tls-verify", False)),
    )


def user_endpoint(user: Object, base: Path) -> Endpoint:
    """The credentials of a kubeconfig's user, without a server. Raises OSError, KubeconfigError."""
    token_file = user.get("tokenFile")
    return Endpoint(
        url="",
        client_cert=_data(user, "client-certificate", base),
        client_key=_data(user, "client-key", base),
        token=(base / token_file).read_text().strip() if token_file else user.get("token", ""),
        username=user.get("username", ""),
        password=user.get("password", ""),
    )


def _named(config: Object, kind: str, name: str, field: str) -> Object:
    for item in config.get(kind) or ():
        if item.get("name") == name:
            return item.get(field) or {}
    if not name and len(config.get(kind) or ()) == 1:
        return config[kind][0].get(field) or {}
    raise ValueError(f"{kind} must have an entry named {name!r}")


def _data(section: Object, name: str, base: Path) -> bytes:
    embedded = section.get(f"{name}-data")
    if embedded:
        try:
            return base64.b64decode(embedded, validate=True)
        except binascii.Error:
            raise KubeconfigError(f"{name}-data must be base64") from None
    return (base / section[name]).read_bytes() if section.get(name) else b""
