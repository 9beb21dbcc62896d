"""CVE-2023-2727: images of containers that are added to a running pod."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import RunningServer, running_server
from kubern.util.certificates import new_ca, new_certificate

STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}


class Reviewer(BaseHTTPRequestHandler):
    """Refuses images that are called bad."""

    def do_POST(self) -> None:
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        images = [container["image"] for container in review["spec"]["containers"]]
        review["status"] = {"allowed": "bad" not in images, "reason": "bad images"}
        body = json.dumps(review).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server that asks the reviewer."""
    ca = new_ca("images-ca")
    pair = new_certificate(ca, "images", names=("127.0.0.1",), server=True)
    (tmp_path / "ca.crt").write_bytes(ca.cert)
    (tmp_path / "server.pem").write_bytes(pair.cert + pair.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), Reviewer) as http:
        http.daemon_threads = True
        http.socket = context.wrap_socket(http.socket, server_side=True)
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        cluster = {"server": f"https://127.0.0.1:{http.server_port}", "certificate-authority": "ca.crt"}
        kubeconfig = {
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": cluster}], "users": [{"name": "u", "user": {}}],
        }  # fmt: skip
        (tmp_path / "images.kubeconfig").write_text(json.dumps(kubeconfig))
        configuration = {"imagePolicy": {"kubeConfigFile": "images.kubeconfig", "defaultAllow": False}}
        admission = {
            "apiVersion": "apiserver.config.k8s.io/v1", "kind": "AdmissionConfiguration",
            "plugins": [{"name": "ImagePolicyWebhook", "configuration": configuration}],
        }  # fmt: skip
        (tmp_path / "admission.json").write_text(json.dumps(admission))
        with running_server(
            "--enable-admission-plugins=ImagePolicyWebhook",
            "--disable-admission-plugins=ServiceAccount",
            f"--admission-control-config-file={tmp_path}/admission.json",
        ) as running:
            yield running
        http.shutdown()


def test_cve_2023_2727_images_of_ephemeral_containers(server: RunningServer) -> None:
    """CVE-2023-2727: an image that may not be in a new pod may not be added to one that runs."""
    server.request("POST", "/api/v1/namespaces", {"metadata": {"name": "default"}})
    path = "/api/v1/namespaces/default/pods"
    refused = "image policy webhook backend denied one or more images: bad images"
    pod: dict[str, Any] = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "bad"}]}}
    assert server.request("POST", path, pod).json()["message"] == f'pods "p" is forbidden: {refused}'
    pod["spec"]["containers"][0]["image"] = "good"
    assert server.request("POST", path, pod).status == 201
    patch = {"spec": {"ephemeralContainers": [{"name": "e", "image": "bad"}]}}
    answer = server.request("PATCH", f"{path}/p/ephemeralcontainers", patch, STRATEGIC)
    assert answer.json()["message"] == f'pods "p" is forbidden: {refused}'
