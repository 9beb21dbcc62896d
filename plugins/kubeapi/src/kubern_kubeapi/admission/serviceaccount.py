"""The ServiceAccount plugin: pods run as a service account that exists, with its token and pull secrets.

Upstream: plugin/pkg/admission/serviceaccount. Next: `pods.py`.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import CREATE, UPDATE, Attributes, Handler
from kubern_kubeapi.admission.lister import Lister
from kubern_kubeapi.admission.pods import PODS, annotations_of, env_references, is_mirror_pod, secret_names, volumes

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
DEFAULT_ACCOUNT = "default"
ENFORCE_MOUNTABLE_SECRETS = "kubernetes.io/enforce-mountable-secrets"
VOLUME_NAME = "kube-api-access"
MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
TOKEN_SECONDS = 3607
"""An hour and seven seconds: how the token controller recognises tokens that were asked for here."""
DEFAULT_ACCOUNT_WAIT_SECONDS = 1.0
_NAME_CHARACTERS = "bcdfghjklmnpqrstvwxz2456789"
_CONTAINER_WORDS = {"initContainers": "init container", "containers": "container"}


class ServiceAccount(Handler):
    """Fills in and checks spec.serviceAccountName and what follows from it."""

    resources = PODS

    def __init__(self, config: CompletedConfig) -> None:
        self._accounts = Lister(config, "", "serviceaccounts")

    async def admit(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        pod = attributes.object
        if attributes.operation != CREATE or attributes.subresource or pod is None:
            return
        if is_mirror_pod(pod):
            await self.validate(attributes)
            return
        spec = pod["spec"]
        if not spec.get("serviceAccountName"):
            spec["serviceAccountName"] = DEFAULT_ACCOUNT
        spec["serviceAccount"] = spec["serviceAccountName"]
        account = await self._account(attributes, spec["serviceAccountName"])
        if should_automount(account, pod):
            mount_token(pod)
        if not spec.get("imagePullSecrets"):
            pull = [{"name": s.get("name", "")} for s in account.get("imagePullSecrets") or ()]
            if pull:
                spec["imagePullSecrets"] = pull
        await self.validate(attributes)

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        pod = attributes.object
        if pod is None:
            return
        if attributes.operation == UPDATE and attributes.subresource == "ephemeralcontainers":
            await self._check_ephemeral_containers(attributes, pod)
            return
        if attributes.operation != CREATE or attributes.subresource:
            return
        if is_mirror_pod(pod):
            problem = _mirror_pod_problem(pod)
            if problem:
                raise new_forbidden(attributes, problem)
            return
        name = pod["spec"].get("serviceAccountName", "")
        if not name:
            where = f"{attributes.namespace}/{pod['metadata'].get('name', '')}"
            raise new_forbidden(attributes, f"no service account specified for pod {where}")
        account = await self._account(attributes, name)
        if _enforces_mountable_secrets(account):
            problem = _secret_problem(account, pod)
            if problem:
                raise new_forbidden(attributes, problem)

    async def _account(self, attributes: Attributes, name: str) -> Object:
        # The default account is made by a controller after its namespace: given a moment to appear, as upstream.
        wait = DEFAULT_ACCOUNT_WAIT_SECONDS if name == DEFAULT_ACCOUNT else 0
        account = await self._accounts.get(attributes.namespace, name)
        if account is None and wait:
            account = await self._accounts.wait_for(attributes.namespace, name, wait)
        if account is None:
            where = f"{attributes.namespace}/{name}"
            text = f'error looking up service account {where}: serviceaccount "{name}" not found'
            raise new_forbidden(attributes, text)
        return account

    async def _check_ephemeral_containers(self, attributes: Attributes, pod: Object) -> None:
        name = pod["spec"].get("serviceAccountName", "")
        if is_mirror_pod(pod) or not name:
            return
        account = await self._account(attributes, name)
        if not _enforces_mountable_secrets(account):
            return
        mountable = {s.get("name") for s in account.get("secrets") or ()}
        for container in pod["spec"].get("ephemeralContainers") or ():
            problem = _env_problem("ephemeral container", container, mountable, name)
            if problem:
                raise new_forbidden(attributes, problem)


def should_automount(account: Object, pod: Object) -> bool:
    """The pod's word goes before its account's; both silent means yes."""
    for said in (pod["spec"].get("automountServiceAccountToken"), account.get("automountServiceAccountToken")):
        if said is not None:
            return bool(said)
    return True


def mount_token(pod: Object) -> None:
    """Mount the account's token in every container that has nothing at its path."""
    spec = pod["spec"]
    existing = next((v["name"] for v in volumes(pod) if v.get("name", "").startswith(f"{VOLUME_NAME}-")), "")
    name = existing or f"{VOLUME_NAME}-{''.join(secrets.choice(_NAME_CHARACTERS) for _ in range(5))}"
    needed = False
    for field in ("initContainers", "containers"):
        for container in spec.get(field) or ():
            mounts = container.get("volumeMounts") or []
            if any(m.get("mountPath") == MOUNT_PATH for m in mounts):
                continue
            container["volumeMounts"] = [*mounts, {"name": name, "readOnly": True, "mountPath": MOUNT_PATH}]
            needed = True
    if needed and not existing:
        spec["volumes"] = [*volumes(pod), {"name": name, "projected": _token_volume()}]


def _token_volume() -> Object:
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    return {
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": TOKEN_SECONDS, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [namespace]}},
        ],
        "defaultMode": 0o644,
    }


def _mirror_pod_problem(pod: Object) -> str:
    if pod["spec"].get("serviceAccountName"):
        return "a mirror pod may not reference service accounts"
    if next(secret_names(pod), None) is not None:
        return "a mirror pod may not reference secrets"
    for volume in volumes(pod):
        for source in (volume.get("projected") or {}).get("sources") or ():
            if source.get("serviceAccountToken") is not None:
                return "a mirror pod may not use ServiceAccountToken volume projections"
    return ""


def _enforces_mountable_secrets(account: Object) -> bool:
    return annotations_of(account).get(ENFORCE_MOUNTABLE_SECRETS) in ("1", "t", "T", "true", "TRUE", "True")


def _secret_problem(account: Object, pod: Object) -> str:
    name = account["metadata"]["name"]
    mountable = {s.get("name") for s in account.get("secrets") or ()}
    unreferenced = f"is not allowed because service account {name} does not reference that"
    for volume in volumes(pod):
        secret = (volume.get("secret") or {}).get("secretName", "")
        if volume.get("secret") is not None and secret not in mountable:
            return f'volume with secret.secretName="{secret}" {unreferenced} secret'
    for field, word in _CONTAINER_WORDS.items():
        for container in pod["spec"].get(field) or ():
            problem = _env_problem(word, container, mountable, name)
            if problem:
                return problem
    pull = {s.get("name") for s in account.get("imagePullSecrets") or ()}
    for i, reference in enumerate(pod["spec"].get("imagePullSecrets") or ()):
        if reference.get("name") not in pull:
            return f'imagePullSecrets[{i}].name="{reference.get("name", "")}" {unreferenced} imagePullSecret'
    return ""


def _env_problem(word: str, container: Object, mountable: set[Any], account: str) -> str:
    uses = [(f"envVar {variable}", secret) for variable, secret in env_references(container, "secretKeyRef")]
    sources = [source["secretRef"] for source in container.get("envFrom") or () if source.get("secretRef") is not None]
    uses += [("envFrom", source.get("name", "")) for source in sources]
    for use, secret in uses:
        if secret not in mountable:
            return (
                f'{word} {container.get("name", "")} with {use} referencing secret.secretName="{secret}" '
                f"is not allowed because service account {account} does not reference that secret"
            )
    return ""
