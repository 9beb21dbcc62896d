"""A running server, and namespaces of the tests' own in it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import RunningServer, running_server
from kubern.util.certificates import KeyPair, new_ca, new_certificate

Object = dict[str, Any]
_COUNTER = itertools.count()


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> tuple[KeyPair, Path]:
    """A CA, and a directory with a server's and a client's certificates of it."""
    directory = tmp_path_factory.mktemp("pki")
    ca = new_ca("webhooks")
    for name, pair in (
        ("server", new_certificate(ca, "hook", names=["127.0.0.1"], server=True)),
        ("client", new_certificate(ca, "kube-apiserver")),
    ):
        (directory / f"{name}.crt").write_bytes(pair.cert)
        (directory / f"{name}.key").write_bytes(pair.key)
    (directory / "ca.crt").write_bytes(ca.cert)
    return ca, directory


@pytest.fixture(scope="module")
def server(pki: tuple[KeyPair, Path]) -> Iterator[RunningServer]:
    """A server that shows webhooks a client certificate."""
    directory = pki[1]
    (directory / "webhooks.kubeconfig").write_text(
        "users:\n- name: '*'\n  user: {client-certificate: client.crt, client-key: client.key}\n"
    )
    (directory / "admission.yaml").write_text(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n"
        + "".join(
            f"- name: {plugin}\n  configuration:\n    apiVersion: apiserver.config.k8s.io/v1\n"
            "    kind: WebhookAdmissionConfiguration\n    kubeConfigFile: webhooks.kubeconfig\n"
            for plugin in ("ValidatingAdmissionWebhook", "MutatingAdmissionWebhook")
        )
    )
    with running_server(f"--admission-control-config-file={directory}/admission.yaml") as running:
        yield running


@pytest.fixture
def namespace(server: RunningServer) -> str:
    """A new namespace with a default service account."""
    name = f"n{next(_COUNTER)}"
    created = server.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    assert created.status == 201
    account = {"metadata": {"name": "default"}, "automountServiceAccountToken": False}
    assert server.request("POST", f"/api/v1/namespaces/{name}/serviceaccounts", account).status == 201
    return name


@pytest.fixture
def create(server: RunningServer, namespace: str) -> Callable[..., Any]:
    """create("configmaps", body) in the test's namespace; the answer."""

    def create(resource: str, body: Object, query: str = "", api: str = "/api/v1") -> Any:
        return server.request("POST", f"{api}/namespaces/{namespace}/{resource}{query}", body)

    return create
