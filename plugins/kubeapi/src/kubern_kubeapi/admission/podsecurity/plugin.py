"""The PodSecurity admission plugin (upstream: pod-security-admission/admission). Next: `policy.py`, `evaluator.py`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from kubern.admission.configuration import plugin_configuration
from kubern.admission.errors import new_forbidden
from kubern.admission.interface import CREATE, UPDATE, Attributes, Handler
from kubern.apimachinery.errors import GroupKind, invalid
from kubern.util.goquote import go_quote
from kubern_kubeapi.admission.aggregate import aggregate
from kubern_kubeapi.admission.lister import Lister, decoded
from kubern_kubeapi.admission.podsecurity.configuration import read_configuration
from kubern_kubeapi.admission.podsecurity.evaluator import Evaluator, describe
from kubern_kubeapi.admission.podsecurity.policy import (
    LATEST,
    PREFIX,
    PRIVILEGED,
    LevelVersion,
    Policy,
    is_relaxed_or_equal,
    policy_of,
)

if TYPE_CHECKING:
    from kubern.apimachinery.field import ErrorList
    from kubern.config import CompletedConfig

Object = dict[str, Any]
NAMESPACES, PODS = ("", "namespaces"), ("", "pods")
TEMPLATES = {
    ("", "replicationcontrollers"): ("spec", "template"),
    ("", "podtemplates"): ("template",),
    ("apps", "replicasets"): ("spec", "template"),
    ("apps", "deployments"): ("spec", "template"),
    ("apps", "statefulsets"): ("spec", "template"),
    ("apps", "daemonsets"): ("spec", "template"),
    ("batch", "jobs"): ("spec", "template"),
    ("batch", "cronjobs"): ("spec", "jobTemplate", "spec", "template"),
}
"""Where kinds that make pods keep the pod's template."""
_IGNORED_POD_SUBRESOURCES = frozenset({
    "exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status",
})  # fmt: skip
MAX_PODS_TO_CHECK = 3000
POD_CHECK_SECONDS = 1.0
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"


class PodSecurity(Handler):
    """Enforces on pods, warns and audits on what makes pods, checks the labels of namespaces."""

    operations = (CREATE, UPDATE)
    resources = frozenset({NAMESPACES, PODS, *TEMPLATES})

    def __init__(self, config: CompletedConfig) -> None:
        """Raises StartError."""
        self._configuration = read_configuration(plugin_configuration(config, "PodSecurity"))
        self._evaluator = Evaluator()
        self._namespaces = Lister(config, *NAMESPACES)
        self._pods = Lister(config, *PODS)

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403, 422."""
        resource = (attributes.group, attributes.resource)
        if resource == NAMESPACES:
            if not attributes.subresource:
                await self._validate_namespace(attributes)
        elif resource == PODS:
            if attributes.subresource not in _IGNORED_POD_SUBRESOURCES:
                await self._validate_pod(attributes)
        elif not attributes.subresource:
            await self._validate_template(attributes, TEMPLATES[resource])

    # ---------------------------------------------------------------- namespaces

    async def _validate_namespace(self, attributes: Attributes) -> None:
        obj, old = attributes.object or {}, attributes.old_object
        policy, errors = self._policy(obj)
        old_policy, old_errors = self._policy(old) if old is not None else (policy, [])
        if errors and list(map(str, errors)) != list(map(str, old_errors)):
            name = obj["metadata"].get("name", "") or obj["metadata"].get("generateName", "")
            raise invalid(GroupKind("", "Namespace"), name, errors)
        name = obj["metadata"].get("name", "")
        exempt = name in self._configuration.namespaces
        if exempt and (old is None or policy != old_policy):
            self._warn_of_exemption(attributes, obj["metadata"], policy)
        if old is None or exempt or policy.enforce.level == PRIVILEGED:
            return
        if is_relaxed_or_equal(policy.enforce, old_policy.enforce):
            return
        await self._warn_of_existing_pods(attributes, name, policy.enforce)

    def _warn_of_exemption(self, attributes: Attributes, meta: Object, policy: Policy) -> None:
        if policy.fully_privileged or policy.is_equivalent(self._configuration.defaults):
            return
        who, shown = go_quote(meta.get("name", "")), policy.compact(meta.get("labels") or {})
        attributes.add_warning(f"namespace {who} is exempt from Pod Security, and the policy ({shown}) will be ignored")

    async def _warn_of_existing_pods(self, attributes: Attributes, name: str, enforce: LevelVersion) -> None:
        entries = await self._pods.entries(name)
        pods = [decoded(entry) for entry in entries[:MAX_PODS_TO_CHECK]]
        found: dict[str, list[str]] = {}
        checked, end = 0, time.monotonic() + POD_CHECK_SECONDS
        for pod in pods:
            checked += 1
            if not self._is_exempt_class(pod["spec"]):
                violations = self._evaluator.evaluate(enforce, pod["metadata"], pod["spec"])
                if violations:
                    reasons = ", ".join(v.reason for v in violations)
                    found.setdefault(reasons, []).append(pod["metadata"]["name"])
            if time.monotonic() > end:
                break
        if checked < len(entries):
            attributes.add_warning(
                f"new PodSecurity enforce level only checked against the first {checked} of {len(entries)} existing pods"
            )
        if found:
            attributes.add_warning(
                f"existing pods in namespace {go_quote(name)} violate the new PodSecurity enforce level "
                f"{go_quote(str(enforce))}"
            )
        for warning in sorted(f"{_names(pods_with)}: {reasons}" for reasons, pods_with in found.items()):
            attributes.add_warning(warning)

    # ---------------------------------------------------------------- pods and templates

    async def _validate_pod(self, attributes: Attributes) -> None:
        pod, old = attributes.object, attributes.old_object
        if pod is None or self._is_exempt(attributes):
            return
        policy, errors = await self._namespace_policy(attributes)
        if policy.fully_privileged and not errors:
            # In whatever version: the answer to all of these is the same one.
            attributes.add_annotation(f"{PREFIX}enforce-policy", f"{PRIVILEGED}:{LATEST}")
            return
        if attributes.operation == UPDATE and old is not None and not _is_significant_update(pod, old):
            return
        self._evaluate(attributes, policy, errors, pod["metadata"], pod["spec"], True)

    async def _validate_template(self, attributes: Attributes, path: tuple[str, ...]) -> None:
        if attributes.object is None or self._is_exempt(attributes):
            return
        policy, errors = await self._namespace_policy(attributes)
        if not errors and policy.warn.level == policy.audit.level == PRIVILEGED:
            return
        template: Any = attributes.object
        for step in path:
            template = (template or {}).get(step)
        if template is not None:
            spec = template.get("spec") or {}
            self._evaluate(attributes, policy, errors, template.get("metadata") or {}, spec, False)

    def _evaluate(
        self, attributes: Attributes, policy: Policy, errors: ErrorList, meta: Object, spec: Object, enforce: bool
    ) -> None:
        if self._is_exempt_class(spec):
            attributes.add_annotation(f"{PREFIX}exempt", "runtimeClass")
            return
        if errors:
            text = aggregate([str(error) for error in errors])
            attributes.add_annotation(f"{PREFIX}error", f"Failed to parse policy: {text}")
        denied = self._evaluator.evaluate(policy.enforce, meta, spec) if enforce else []
        if enforce:
            attributes.add_annotation(f"{PREFIX}enforce-policy", str(policy.enforce))
        audited = self._evaluator.evaluate(policy.audit, meta, spec)
        if audited:
            text = f"would violate PodSecurity {go_quote(str(policy.audit))}: {describe(audited)}"
            attributes.add_annotation(f"{PREFIX}audit-violations", text)
        if denied:
            text = f"violates PodSecurity {go_quote(str(policy.enforce))}: {describe(denied)}"
            raise new_forbidden(attributes, text)
        warned = self._evaluator.evaluate(policy.warn, meta, spec)
        if warned:
            attributes.add_warning(f"would violate PodSecurity {go_quote(str(policy.warn))}: {describe(warned)}")

    # ---------------------------------------------------------------- what holds

    def _policy(self, namespace: Object) -> tuple[Policy, ErrorList]:
        return policy_of(namespace["metadata"].get("labels") or {}, self._configuration.defaults)

    async def _namespace_policy(self, attributes: Attributes) -> tuple[Policy, ErrorList]:
        namespace = await self._namespaces.get("", attributes.namespace)
        return self._policy(namespace if namespace is not None else {"metadata": {}})

    def _is_exempt(self, attributes: Attributes) -> bool:
        if attributes.namespace in self._configuration.namespaces:
            attributes.add_annotation(f"{PREFIX}exempt", "namespace")
            return True
        if attributes.user.name in self._configuration.usernames:
            attributes.add_annotation(f"{PREFIX}exempt", "user")
            return True
        return False

    def _is_exempt_class(self, spec: Object) -> bool:
        return bool(spec.get("runtimeClassName")) and spec["runtimeClassName"] in self._configuration.runtime_classes


def _names(pods: list[str]) -> str:
    """The first pod by name, and how many others there are."""
    others = len(pods) - 1
    if not others:
        return pods[0]
    return f"{min(pods)} (and {others} other {'pod' if others == 1 else 'pods'})"


def _is_significant_update(pod: Object, old: Object) -> bool:
    """Whether something changed that checks look at and that may change in a pod."""
    annotations, old_annotations = (o["metadata"].get("annotations") or {} for o in (pod, old))

    def differs(container: Object, before: Object) -> bool:
        key = _SECCOMP_CONTAINER + container.get("name", "")
        return bool(
            container.get("image", "") != before.get("image", "")
            or annotations.get(key, "") != old_annotations.get(key, "")
        )

    if annotations.get(_SECCOMP_POD, "") != old_annotations.get(_SECCOMP_POD, ""):
        return True
    for field in ("containers", "initContainers"):
        now, before = pod["spec"].get(field) or [], old["spec"].get(field) or []
        if len(now) != len(before) or any(map(differs, now, before)):
            return True
    by_name = {c.get("name"): c for c in old["spec"].get("ephemeralContainers") or ()}
    return any(
        c.get("name") not in by_name or differs(c, by_name[c["name"]])
        for c in pod["spec"].get("ephemeralContainers") or ()
    )
