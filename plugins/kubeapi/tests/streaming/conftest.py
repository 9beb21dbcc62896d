"""A server, a kubelet stand-in and a pod that runs there; and real kubectl where there is one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest

from kubern.testing.kubelet import Kubelet, kubelet_standin, register_node, run_pod
from kubern.testing.servers import RunningServer, running_server

Kubectl = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture(scope="module")
def kubelet() -> Iterator[Kubelet]:
    with kubelet_standin() as found:
        yield found


@pytest.fixture(scope="module")
def server(kubelet: Kubelet) -> Iterator[RunningServer]:
    """A server that knows the kubelet and a pod `p` there, with the containers `main` and `side`."""
    flags = (f"--kubelet-certificate-authority={kubelet.ca_file}", "--disable-admission-plugins=ServiceAccount")
    with running_server(*flags) as found:
        register_node(found, kubelet.port)
        run_pod(found, "p")
        yield found


@pytest.fixture
def kubectl(server: RunningServer) -> Kubectl:
    """Runs kubectl against the server; skips the test where there is none."""
    path = shutil.which("kubectl")
    if path is None:
        pytest.skip("kubectl is not installed")

    def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
        command = [path, f"--kubeconfig={server.kubeconfig}", *arguments]
        return subprocess.run(command, capture_output=True, timeout=30, **options)  # type: ignore[call-overload, no-any-return]

    return run
