"""The flags that kubeadm writes into kube-apiserver's manifest work unchanged."""

from __future__ import annotations

import base64
import http.client
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.etcd_server import free_port, running_etcd

from .pki import write_pki

pytestmark = pytest.mark.etcd
FLAGS = """
--advertise-address=192.0.2.7
--allow-privileged=true
--authorization-mode=Node,RBAC
--client-ca-file=PKI/ca.crt
--enable-admission-plugins=NodeRestriction
--enable-bootstrap-token-auth=true
--etcd-cafile=PKI/etcd/ca.crt
--etcd-certfile=PKI/apiserver-etcd-client.crt
--etcd-keyfile=PKI/apiserver-etcd-client.key
--etcd-servers=https://127.0.0.1:ETCD
--kubelet-client-certificate=PKI/apiserver-kubelet-client.crt
--kubelet-client-key=PKI/apiserver-kubelet-client.key
--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname
--proxy-client-cert-file=PKI/front-proxy-client.crt
--proxy-client-key-file=PKI/front-proxy-client.key
--requestheader-allowed-names=front-proxy-client
--requestheader-client-ca-file=PKI/front-proxy-ca.crt
--requestheader-extra-headers-prefix=X-Remote-Extra-
--requestheader-group-headers=X-Remote-Group
--requestheader-username-headers=X-Remote-User
--secure-port=PORT
--service-account-issuer=https://kubernetes.default.svc.cluster.local
--service-account-key-file=PKI/sa.pub
--service-account-signing-key-file=PKI/sa.key
--service-cluster-ip-range=10.96.0.0/12
--tls-cert-file=PKI/apiserver.crt
--tls-private-key-file=PKI/apiserver.key
"""


class ControlPlane:
    """The server and the keys that its clients have."""

    def __init__(self, port: int, pki: Path) -> None:
        self.port = port
        self.pki = pki

    def request(
        self, method: str, path: str, body: Any = None, client: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """One request with the certificate `client`.crt."""
        context = ssl.create_default_context(cafile=str(self.pki / "ca.crt"))
        if client:
            context.load_cert_chain(self.pki / f"{client}.crt", self.pki / f"{client}.key")
        connection = http.client.HTTPSConnection("localhost", self.port, context=context, timeout=20)
        content = json.dumps(body).encode() if body is not None else None
        connection.request(method, path, content, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text)


@pytest.fixture(scope="module")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    directory = tmp_path_factory.mktemp("kubeadm")
    pki = directory / "pki"
    write_pki(pki)
    etcd_port, port = free_port(), free_port()
    tls = [f"--cert-file={pki}/etcd/server.crt", f"--key-file={pki}/etcd/server.key", "--client-cert-auth=true"]
    flags = FLAGS.replace("PKI", str(pki)).replace("ETCD", str(etcd_port)).replace("PORT", str(port)).split()
    environment = {**os.environ, "XDG_DATA_HOME": str(directory / "data")}
    command = [sys.executable, "-m", "kubern", "start", *flags]
    trusted = [*tls, f"--trusted-ca-file={pki}/etcd/ca.crt"]
    with (
        running_etcd(directory / "etcd", etcd_port, free_port(), tls_flags=trusted),
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("Ready at ")
            yield ControlPlane(port, pki)
        finally:
            process.terminate()
            process.communicate()


def test_administrators_come_by_certificate(control_plane: ControlPlane) -> None:
    """The server shows its own certificate, and knows clients by the CA's."""
    status, answer = control_plane.request("GET", "/api/v1/namespaces", client="admin")
    assert status == 200
    assert "kube-system" in [item["metadata"]["name"] for item in answer["items"]]
    status, answer = control_plane.request("GET", "/api/v1/namespaces")
    assert (status, answer["reason"]) == (403, "Forbidden")


def test_service_accounts_get_tokens_of_the_issuer(control_plane: ControlPlane) -> None:
    """Signed with sa.key, accepted by sa.pub, for the issuer of the flag."""
    path = "/api/v1/namespaces/kube-system/serviceaccounts"
    control_plane.request("POST", path, {"metadata": {"name": "robot"}}, "admin")
    status, answer = control_plane.request("POST", f"{path}/robot/token", {"spec": {}}, "admin")
    assert status == 201
    token = answer["status"]["token"]
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["iss"] == "https://kubernetes.default.svc.cluster.local"
    review = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    status, answer = control_plane.request("POST", review, {}, headers={"Authorization": f"Bearer {token}"})
    assert status == 201
    assert answer["status"]["userInfo"]["username"] == "system:serviceaccount:kube-system:robot"


def test_the_front_proxy_names_users(control_plane: ControlPlane) -> None:
    """Only a certificate of the front proxy's CA with the allowed name may."""
    review = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    headers = {"X-Remote-User": "ada", "X-Remote-Group": "engines"}
    status, answer = control_plane.request("POST", review, {}, "front-proxy-client", headers)
    assert (status, answer["status"]["userInfo"]["username"]) == (201, "ada")
    status, answer = control_plane.request("POST", review, {}, "admin", headers)
    assert answer["status"]["userInfo"]["username"] == "kubernetes-super-admin"


def test_the_first_service_is_the_servers_own(control_plane: ControlPlane) -> None:
    """From the range of the flag, with the advertised address as its endpoint."""
    _, service = control_plane.request("GET", "/api/v1/namespaces/default/services/kubernetes", client="admin")
    assert service["spec"]["clusterIP"] == "10.96.0.1"
    _, endpoints = control_plane.request("GET", "/api/v1/namespaces/default/endpoints/kubernetes", client="admin")
    assert endpoints["subsets"][0]["addresses"] == [{"ip": "192.0.2.7"}]
