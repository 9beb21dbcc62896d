"""Flags of storage."""

from __future__ import annotations

import asyncio
import base64
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kubern.storage.etcd3.store import EtcdStore
from kubern.testing.etcd_server import free_port, running_etcd
from kubern.testing.servers import RunningServer

Start = Callable[..., RunningServer]
LEAN = "--disable-plugins=aggregator,apiextensions"


def test_delete_collection_workers(start_server: Start) -> None:
    """Several at once delete the same objects as one, and the answer lists them as they were."""
    server = start_server(LEAN, "--delete-collection-workers=4")
    path = "/api/v1/namespaces/default/configmaps"
    for number in range(10):
        labels = {"even": str(number % 2 == 0)}
        server.request("POST", path, {"metadata": {"name": f"c{number}", "labels": labels}})
    deleted = server.request("DELETE", f"{path}?labelSelector=even%3DTrue").json()
    assert [item["metadata"]["name"] for item in deleted["items"]] == ["c0", "c2", "c4", "c6", "c8"]
    left = server.request("GET", path).json()["items"]
    assert [item["metadata"]["name"] for item in left if item["metadata"]["name"] != "kube-root-ca.crt"] == [
        "c1", "c3", "c5", "c7", "c9",
    ]  # fmt: skip


def test_storage_is_among_the_checks(server: RunningServer) -> None:
    """/readyz asks storage twice, as kube-apiserver does: with the limits of two flags."""
    lines = server.request("GET", "/readyz?verbose").body.decode().splitlines()
    names = [line.removeprefix("[+]").removesuffix(" ok") for line in lines]
    assert names[:6] == ["ping", "log", "loopback-serving-certificate", "etcd", "etcd-readiness", "informer-sync"]
    assert names[-2] == "shutdown"
    assert server.request("GET", "/livez/etcd-readiness").status == 404


@pytest.fixture
def two_etcds(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The client URLs of two etcd servers."""
    first, second = free_port(), free_port()
    with running_etcd(tmp_path / "a", first, free_port()), running_etcd(tmp_path / "b", second, free_port()):
        yield f"http://127.0.0.1:{first}", f"http://127.0.0.1:{second}"


@pytest.mark.etcd
def test_single_resources_may_have_an_etcd_of_their_own(start_server: Start, two_etcds: tuple[str, str]) -> None:
    """--etcd-servers-overrides sends a resource's objects to another cluster, and all others to the first."""
    first, second = two_etcds
    server = start_server(
        LEAN, "--storage-backend=etcd3", f"--etcd-servers={first}", f"--etcd-servers-overrides=/configmaps#{second}"
    )
    path = "/api/v1/namespaces/default"
    created = server.request("POST", f"{path}/configmaps", {"metadata": {"name": "c"}})
    assert created.status == 201
    assert server.request("POST", f"{path}/secrets", {"metadata": {"name": "s"}}).status == 201
    assert server.request("GET", f"{path}/configmaps/c").status == 200
    assert "/registry/configmaps/default/c" in _keys(second)
    assert "/registry/configmaps/default/c" not in _keys(first)
    assert "/registry/secrets/default/s" in _keys(first)


def _keys(url: str, prefix: str = "/registry") -> list[str]:
    async def read() -> list[str]:
        store = await EtcdStore.open([url], compaction_interval=0)
        try:
            return [kv.key for kv in (await store.range(f"{prefix}/", f"{prefix}0", keys_only=True)).kvs]
        finally:
            await store.close()

    return asyncio.run(read())


@pytest.mark.etcd
def test_checks_do_not_wait_for_storage_for_ever(start_server: Start, tmp_path: Path) -> None:
    """A stopped etcd makes the checks fail within the flags' times."""
    client = free_port()
    with running_etcd(tmp_path, client, free_port()) as etcd:
        server = start_server(
            LEAN, "--storage-backend=etcd3", f"--etcd-servers=http://127.0.0.1:{client}", "--etcd-healthcheck-timeout=200ms",
            "--etcd-readycheck-timeout=100ms",
        )  # fmt: skip
        assert server.request("GET", "/readyz").status == 200
        etcd.send_signal(signal.SIGSTOP)
        try:
            for path in ("/livez/etcd", "/readyz/etcd-readiness"):
                answer = server.request("GET", path, timeout=5)
                assert answer.status == 500
                assert b"context deadline exceeded" in answer.body
        finally:
            etcd.send_signal(signal.SIGCONT)


@pytest.mark.etcd
def test_keys_start_with_the_prefix(start_server: Start, two_etcds: tuple[str, str]) -> None:
    """--etcd-prefix, so that several clusters may share one etcd."""
    url, _ = two_etcds
    server = start_server(LEAN, "--storage-backend=etcd3", f"--etcd-servers={url}", "--etcd-prefix=/other")
    assert server.request("POST", "/api/v1/namespaces/default/secrets", {"metadata": {"name": "s"}}).status == 201
    assert _keys(url) == []
    assert "/other/secrets/default/s" in _keys(url, "/other")


def test_without_a_garbage_collector_finalizers_are_not_set(start_server: Start) -> None:
    """--enable-garbage-collector=false: a foreground deletion deletes at once."""
    for flag, status in (("true", 200), ("false", 404)):
        server = start_server(LEAN, f"--enable-garbage-collector={flag}")
        path = "/api/v1/namespaces/default/configmaps"
        server.request("POST", path, {"metadata": {"name": "c"}})
        server.request("DELETE", f"{path}/c", {"propagationPolicy": "Foreground"})
        assert server.request("GET", f"{path}/c").status == status


def test_the_former_name_of_the_encryption_file(start_server: Start, tmp_path: Path) -> None:
    """--experimental-encryption-provider-config means the same: secrets are not readable where they are kept."""
    key = base64.b64encode(bytes(32)).decode()
    config = tmp_path / "encryption.yaml"
    config.write_text(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n"
        f"- resources: [secrets]\n  providers: [{{aescbc: {{keys: [{{name: one, secret: {key}}}]}}}}]\n"
    )
    data = tmp_path / "data"
    server = start_server(
        LEAN, "--storage-backend=sqlite", f"--experimental-encryption-provider-config={config}", data_dir=data
    )
    for resource in ("secrets", "configmaps"):
        body = {"metadata": {"name": "s", "labels": {"mark": f"{resource}-in-clear"}}}
        assert server.request("POST", f"/api/v1/namespaces/default/{resource}", body).status == 201
    kept = b"".join(path.read_bytes() for path in (data / "store").iterdir() if path.is_file())
    assert b"configmaps-in-clear" in kept
    assert b"secrets-in-clear" not in kept
