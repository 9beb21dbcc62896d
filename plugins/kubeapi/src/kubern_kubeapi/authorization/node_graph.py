"""What belongs to which node, kept up to date by the watch caches (upstream: plugin/pkg/auth/authorizer/node/graph.go).

    node <- pod <- secret, config map, claim, resource claim, service account
    node <- pod <- persistent volume claim <- persistent volume <- secret
    node <- volume attachment, resource slice, pod certificate request

Everything that a pod refers to is counted for the pod's node directly, so that an answer takes a look-up however many
pods share an object. Next: `node.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kubern_kubeapi.admission.pods import config_map_names, is_mirror_pod, secret_names

if TYPE_CHECKING:
    from kubern.config import CompletedConfig
    from kubern.storage.cacher import Entry
    from kubern.storage.cacher.changes import Change

Object = dict[str, Any]
_SOURCES = {
    "azureFile": ("secretName", True),
    "cephfs": ("secretRef", True),
    "cinder": ("secretRef", False),
    "flexVolume": ("secretRef", True),
    "rbd": ("secretRef", True),
    "scaleIO": ("secretRef", True),
    "iscsi": ("secretRef", True),
    "storageos": ("secretRef", False),
}
"""The field with the secret by volume source, and whether the claim's namespace stands in for one left out."""
_CSI_SECRETS = ("nodePublishSecretRef", "nodeStageSecretRef", "nodeExpandSecretRef")
"""Those that kubelets use; the others are for controllers."""


class Vertex(NamedTuple):
    """An object, by resource."""

    resource: str
    namespace: str
    name: str


class NodeGraph:
    """Which objects nodes may know, of one server."""

    def __init__(self, config: CompletedConfig) -> None:
        self._config = config
        self._ready = False
        self._nodes: dict[Vertex, Counter[str]] = {}
        self._owned: dict[Vertex, tuple[str, tuple[Vertex, ...]]] = {}
        self._claim_of: dict[str, Vertex] = {}
        self._volumes: dict[Vertex, set[str]] = {}
        self._secrets_of: dict[str, tuple[Vertex, ...]] = {}

    async def ready(self) -> None:
        """Fill the graph when it is first needed, and follow what changes."""
        if self._ready:
            return
        await self._follow("", "pods", self._pod)
        await self._follow("", "persistentvolumes", self._volume)
        await self._follow("storage.k8s.io", "volumeattachments", self._single("volumeattachments"))
        await self._follow("resource.k8s.io", "resourceslices", self._single("resourceslices"))
        await self._follow("certificates.k8s.io", "podcertificaterequests", self._single("podcertificaterequests"))
        self._ready = True

    async def _follow(self, group: str, resource: str, update: Callable[[Entry | None, Entry | None], None]) -> None:
        store = self._config.outermost.find_store(group, resource)
        if store is None:
            return
        await store.cacher.ready()
        if self._ready:
            return

        def changed(changes: Sequence[Change]) -> None:
            for change in changes:
                update(change.entry, change.prev)

        store.cacher.subscribe(changed)
        for entry in list(store.cacher.entries().values()):
            update(entry, None)

    def has_path(self, node: str, vertex: Vertex) -> bool:
        """Whether an object is related to a node."""
        counts = self._nodes.get(vertex)
        if counts is not None and counts[node]:
            return True
        if vertex.resource == "persistentvolumes":
            claim = self._claim_of.get(vertex.name)
            return claim is not None and self.has_path(node, claim)
        if vertex.resource == "secrets":
            volumes = self._volumes.get(vertex, ())
            return any(self.has_path(node, Vertex("persistentvolumes", "", name)) for name in volumes)
        return False

    # ---------------------------------------------------------------- pods

    def _pod(self, entry: Entry | None, prev: Entry | None) -> None:
        if entry is not None and prev is not None and _same_pod(entry, prev):
            return
        known = entry or prev
        assert known is not None
        pod = Vertex("pods", known.namespace, known.name)
        self._forget(pod)
        if entry is None or not entry.fields.get("spec.nodeName"):
            return
        obj = entry.decode()
        self._remember(pod, obj["spec"]["nodeName"], (pod, *dict.fromkeys(_referred(obj))))

    def _remember(self, owner: Vertex, node: str, vertices: tuple[Vertex, ...]) -> None:
        self._owned[owner] = (node, vertices)
        for vertex in vertices:
            self._nodes.setdefault(vertex, Counter())[node] += 1

    def _forget(self, owner: Vertex) -> None:
        node, vertices = self._owned.pop(owner, ("", ()))
        for vertex in vertices:
            counts = self._nodes[vertex]
            counts[node] -= 1
            if not counts[node]:
                del counts[node]
                if not counts:
                    del self._nodes[vertex]

    # ---------------------------------------------------------------- the others

    def _single(self, resource: str) -> Callable[[Entry | None, Entry | None], None]:
        """Objects that name their node themselves."""

        def update(entry: Entry | None, prev: Entry | None) -> None:
            known = entry or prev
            assert known is not None
            vertex = Vertex(resource, known.namespace, known.name)
            self._forget(vertex)
            node = (entry.decode().get("spec") or {}).get("nodeName", "") if entry is not None else ""
            if node:
                self._remember(vertex, node, (vertex,))

        return update

    def _volume(self, entry: Entry | None, prev: Entry | None) -> None:
        known = entry or prev
        assert known is not None
        name = known.name
        self._claim_of.pop(name, None)
        for secret in self._secrets_of.pop(name, ()):
            self._volumes[secret].discard(name)
            if not self._volumes[secret]:
                del self._volumes[secret]
        spec = (entry.decode().get("spec") or {}) if entry is not None else {}
        claim = spec.get("claimRef")
        if claim is None:
            return
        self._claim_of[name] = Vertex("persistentvolumeclaims", claim.get("namespace", ""), claim.get("name", ""))
        secrets = tuple(volume_secrets(spec, claim.get("namespace", "")))
        self._secrets_of[name] = secrets
        for secret in secrets:
            self._volumes.setdefault(secret, set()).add(name)


def _same_pod(entry: Entry, prev: Entry) -> bool:
    """Same node and nothing new that could be referred to: the rest of a pod's references never changes."""
    if entry.fields.get("spec.nodeName") != prev.fields.get("spec.nodeName"):
        return False
    return b"esourceClaimStatus" not in entry.value


def _referred(pod: Object) -> Iterator[Vertex]:
    """What a pod refers to. A static pod's image refers to nothing: its node wrote it."""
    if is_mirror_pod(pod):
        return
    meta, spec, status = pod["metadata"], pod["spec"], pod.get("status") or {}
    namespace = meta["namespace"]
    if spec.get("serviceAccountName"):
        yield Vertex("serviceaccounts", namespace, spec["serviceAccountName"])
    for name in secret_names(pod):
        yield Vertex("secrets", namespace, name)
    for name in config_map_names(pod):
        yield Vertex("configmaps", namespace, name)
    for volume in spec.get("volumes") or ():
        if volume.get("persistentVolumeClaim") is not None:
            yield Vertex("persistentvolumeclaims", namespace, volume["persistentVolumeClaim"].get("claimName", ""))
        elif volume.get("ephemeral") is not None:
            yield Vertex("persistentvolumeclaims", namespace, f"{meta['name']}-{volume['name']}")
    for name in _resource_claims(spec, status):
        yield Vertex("resourceclaims", namespace, name)


def _resource_claims(spec: Object, status: Object) -> Iterator[str]:
    made = {s.get("name"): s.get("resourceClaimName") for s in status.get("resourceClaimStatuses") or ()}
    for claim in spec.get("resourceClaims") or ():
        name = claim.get("resourceClaimName") or made.get(claim.get("name"))
        if name:
            yield name
    extended = (status.get("extendedResourceClaimStatus") or {}).get("resourceClaimName")
    if extended:
        yield extended


def volume_secrets(spec: Object, claim_namespace: str) -> Iterator[Vertex]:
    """The secrets of a persistent volume that kubelets read (upstream: VisitPVSecretNames)."""
    for source, (reference_field, in_claim_namespace) in _SOURCES.items():
        found = spec.get(source) or {}
        reference = found.get(reference_field)
        if isinstance(reference, str):
            reference = {"name": reference, "namespace": found.get("secretNamespace")}
        if reference and reference.get("name"):
            home = reference.get("namespace") or (claim_namespace if in_claim_namespace else "")
            yield Vertex("secrets", home, reference["name"])
    for name in _CSI_SECRETS:
        reference = (spec.get("csi") or {}).get(name)
        if reference:
            yield Vertex("secrets", reference.get("namespace", ""), reference.get("name", ""))
