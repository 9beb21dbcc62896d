"""The requests that the cases send."""

from __future__ import annotations

import itertools
import json
import zlib
from collections import deque

from bench.client import request

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def pod(name: str) -> bytes:
    """A pod of about 1.4 KB as sent."""
    container = {
        "name": "main",
        "image": "registry.example.com/app:1.2.3",
        "ports": [{"containerPort": 8080, "name": "http"}],
        "env": [{"name": f"VARIABLE_{i}", "value": f"value number {i} of the pod"} for i in range(10)],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
    }
    labels = {"app": "bench", "shard": f"s{zlib.crc32(name.encode()) % 10}"}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": labels, "annotations": {"note": "made by the benchmark"}},
            "spec": {
                "automountServiceAccountToken": False,
                "containers": [container],
                "nodeSelector": {"disk": "ssd"},
            },
        }
    ).encode()


class Requests:
    """Makes requests on `pods` pods named pod-N of a namespace, and on new objects named by a counter."""

    def __init__(self, token: str, namespace: str, pods: int) -> None:
        self._token = token
        self._pods = f"/api/v1/namespaces/{namespace}/pods"
        self._maps = f"/api/v1/namespaces/{namespace}/configmaps"
        self._counter = itertools.count()
        self._targets = itertools.cycle(range(pods))
        self._created: deque[str] = deque()
        half = (self.get_pod, self.merge_patch, self.get_pod, self.get_pod)
        self._mix = itertools.cycle((*half, self.create_pod, *half, self.list_page))

    def get_pod(self) -> bytes:
        return request("GET", f"{self._pods}/pod-{next(self._targets)}", self._token)

    def list_pods(self) -> bytes:
        return request("GET", self._pods, self._token)

    def list_pods_compressed(self) -> bytes:
        return request("GET", self._pods, self._token, extra="Accept-Encoding: gzip\r\n")

    def list_page(self) -> bytes:
        return request("GET", f"{self._pods}?limit=500", self._token)

    def list_selected(self) -> bytes:
        return request("GET", f"{self._pods}?labelSelector=shard%3Ds1", self._token)

    def list_table(self) -> bytes:
        return self.list_pods().replace(b"Accept: application/json\r\n", f"Accept: {TABLE}\r\n".encode())

    def create_pod(self) -> bytes:
        name = f"new-{next(self._counter)}"
        self._created.append(name)
        return request("POST", self._pods, self._token, pod(name))

    def delete_pod(self) -> bytes | None:
        """A pod that `create_pod` made; None when there are no more."""
        if not self._created:
            return None
        return request("DELETE", f"{self._pods}/{self._created.popleft()}?gracePeriodSeconds=0", self._token)

    def create_map(self) -> bytes:
        body = b'{"metadata":{"name":"map-%d"},"data":{"key":"%s"}}' % (next(self._counter), b"x" * 700)
        return request("POST", self._maps, self._token, body)

    def merge_patch(self) -> bytes:
        body = b'{"metadata":{"annotations":{"note":"%d"}}}' % next(self._counter)
        path = f"{self._pods}/pod-{next(self._targets)}"
        return request("PATCH", path, self._token, body, "application/merge-patch+json")

    def apply(self) -> bytes:
        name = f"pod-{next(self._targets)}"
        body = b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s","annotations":{"applied":"%d"}}}'
        path = f"{self._pods}/{name}?fieldManager=bench&force=true"
        body %= (name.encode(), next(self._counter))
        return request("PATCH", path, self._token, body, "application/apply-patch+yaml")

    def mixed(self) -> bytes:
        """Reads and writes in the proportion of a cluster's controllers."""
        return next(self._mix)()
