"""--egress-selector-config-file: which servers are reached through a proxy (upstream: egressselector/config.go).

    apiVersion: apiserver.k8s.io/v1beta1
    kind: EgressSelectorConfiguration
    egressSelections:
    - name: cluster            # kubelets, pods, services, extension API servers, webhooks behind services
      connection:
        proxyProtocol: HTTPConnect
        transport: {tcp: {url: "http://127.0.0.1:3128"}}

`controlplane` stands for webhooks and issuers that are named by URL, `etcd` for the etcd servers.
Next: `dialing.py`.
"""

from __future__ import annotations

import dataclasses
import ssl
from pathlib import Path
from typing import Any, Final

from kubern.remote.dialing import ConnectProxy, Dial
from kubern.util.goquote import go_quote

Object = dict[str, Any]
CLUSTER: Final = "cluster"
CONTROL_PLANE: Final = "controlplane"
ETCD: Final = "etcd"
_NAMES: Final = (CLUSTER, CONTROL_PLANE, ETCD)
_VERSIONS: Final = ("apiserver.k8s.io/v1beta1", "apiserver.k8s.io/v1alpha1")
_PATH: Final = "service.connection"


class EgressError(ValueError):
    """The file cannot be used; the text says why."""


@dataclasses.dataclass(frozen=True, slots=True)
class EgressSelector:
    """How each sort of server is reached; what is not named is reached directly."""

    proxies: dict[str, ConnectProxy]

    def dial(self, name: str) -> Dial | None:
        """How `cluster`, `controlplane` or `etcd` are dialled, None for directly."""
        return self.proxies.get(name)


def load_egress_selector(path: str) -> EgressSelector:
    """The selector of a file, of none for "". Raises OSError, EgressError."""
    if not path:
        return EgressSelector({})
    from kubern.apimachinery.yaml import load_yaml

    try:
        config = load_yaml(Path(path).read_bytes())[0]
    except ValueError as error:
        raise EgressError(str(error)) from error
    if not isinstance(config, dict) or config.get("kind") != "EgressSelectorConfiguration":
        kind = config.get("kind", "") if isinstance(config, dict) else ""
        raise EgressError(f"invalid service configuration object {go_quote(str(kind))}")
    if config.get("apiVersion") not in _VERSIONS:
        raise EgressError(f"apiVersion: must be one of {', '.join(_VERSIONS)}")
    selections = config.get("egressSelections") or []
    problems = egress_problems(selections)
    if problems:
        raise EgressError("; ".join(problems))
    found = {selection["name"].lower(): _proxy(selection["connection"]) for selection in selections}
    return EgressSelector({name: proxy for name, proxy in found.items() if proxy is not None})


def _proxy(connection: Object) -> ConnectProxy | None:
    if connection["proxyProtocol"] == "Direct":
        return None
    transport = connection["transport"]
    if transport.get("uds"):
        return ConnectProxy(unix_socket=transport["uds"]["udsName"])
    url, tls = transport["tcp"]["url"], transport["tcp"].get("tlsConfig")
    if not tls:
        return ConnectProxy(url)
    try:
        context = ssl.create_default_context(cafile=tls.get("caBundle") or None)
        context.load_cert_chain(tls["clientCert"], tls["clientKey"])
    except ssl.SSLError as error:
        raise EgressError(f"{_PATH}.tlsConfig: {error}") from error
    return ConnectProxy(url, context=context)


def egress_problems(selections: list[Object]) -> list[str]:
    """Everything that is wrong with a list of selections."""
    problems = []
    for selection in selections:
        problems += _connection_problems(selection.get("connection") or {}, str(selection.get("name", "")).lower())
    seen: set[str] = set()
    for i, selection in enumerate(selections):
        name = str(selection.get("name", "")).lower()
        if name in seen:
            problems.append(f"{_PATH}[{i}]: Duplicate value: {go_quote(name)}")
        elif name not in _NAMES:
            listed = ", ".join(f'"{one}"' for one in _NAMES)
            problems.append(f"{_PATH}: Unsupported value: {go_quote(name)}: supported values: {listed}")
        seen.add(name)
    return problems


def _connection_problems(connection: Object, name: str) -> list[str]:
    protocol, transport = connection.get("proxyProtocol", ""), connection.get("transport")
    if protocol == "Direct":
        absent = "Transport config should be absent for direct connect"
        return [f'{_PATH}.transport: Invalid value: "direct": {absent}'] if transport is not None else []
    if protocol == "GRPC":
        # Differs from kube-apiserver: konnectivity's own gRPC protocol is not spoken; its proxy server also answers
        # CONNECT (--mode=http-connect).
        return [f"{_PATH}.proxyProtocol: GRPC is not supported, use HTTPConnect"]
    if protocol != "HTTPConnect":
        listed = '"Direct", "HTTPConnect", "GRPC"'
        return [f"{_PATH}.protocol: Unsupported value: {go_quote(protocol)}: supported values: {listed}"]
    if not transport:
        return [f"{_PATH}.transport: Required value: transport must be set for HTTPConnect"]
    if name == ETCD and (transport.get("uds") or (transport.get("tcp") or {}).get("tlsConfig")):
        # Differs from kube-apiserver: gRPC connects to etcd itself, and to proxies in the clear only.
        return [f"{_PATH}.transport: etcd can be reached through an http:// proxy only"]
    return _transport_problems(transport)


def _transport_problems(transport: Object) -> list[str]:
    tcp, uds = transport.get("tcp"), transport.get("uds")
    if tcp is not None and uds is not None:
        return [f"{_PATH}.tcp: Invalid value: TCP and UDS cannot both be set"]
    if tcp is None and uds is None:
        return [f"{_PATH}.tcp: Required value: One of TCP or UDS must be set"]
    if uds is not None:
        missing = f'{_PATH}.udsName: Invalid value: "nil": UDSName should be present for UDS connections'
        return [] if uds.get("udsName") else [missing]
    url, tls = (tcp or {}).get("url", ""), (tcp or {}).get("tlsConfig")
    if url.startswith("https://"):
        return _tls_problems(tls)
    if not url.startswith("http://"):
        supported = "supported connection protocols are http:// and https://"
        return [f"{_PATH}.url: Invalid value: {go_quote(url)}: {supported}"]
    unwanted = f'{_PATH}.tlsConfig: Invalid value: "nil": TLSConfig config should not be present when using HTTP'
    return [unwanted] if tls is not None else []


def _tls_problems(tls: Object | None) -> list[str]:
    if tls is None:
        return [f"{_PATH}.tlsConfig: Required value: TLSConfig must be present when using HTTPS"]
    problems = []
    named = (("caBundle", "TLS config ca bundle"), ("clientCert", "TLS client cert"), ("clientKey", "TLS client key"))
    for key, what in named:
        path = tls.get(key, "")
        if path and not Path(path).exists():
            problems.append(f"{_PATH}.tlsConfig.{key}: Invalid value: {go_quote(path)}: {what} does not exist")
        elif not path and key != "caBundle":
            problems.append(f'{_PATH}.tlsConfig.{key}: Invalid value: "nil": Using TLS requires {key}')
    return problems
