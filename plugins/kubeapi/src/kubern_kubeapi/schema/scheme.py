"""The scheme of kube-apiserver: every kind it can name, served or not.

A body of a known kind at the wrong place is answered otherwise than one of an unknown kind.
Next: `kubern/apimachinery/codec/scheme.py`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final

from kubern.apimachinery.codec.meta import GroupVersionKind
from kubern.apimachinery.codec.scheme import META_KINDS, Scheme
from kubern.apimachinery.schema.model import Schema
from kubern_kubeapi.schema.definitions import definition_name, definitions

NAME: Final = "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"

_KINDS: Final = {
    ("admission.k8s.io", "v1"): "AdmissionReview",
    ("admission.k8s.io", "v1beta1"): "AdmissionReview",
    ("admissionregistration.k8s.io", "v1"): (
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration "
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration"
    ),
    ("admissionregistration.k8s.io", "v1alpha1"): (
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding ValidatingAdmissionPolicy "
        "ValidatingAdmissionPolicyBinding"
    ),
    ("admissionregistration.k8s.io", "v1beta1"): (
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration "
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration"
    ),
    ("apidiscovery.k8s.io", "v2"): "APIGroupDiscovery",
    ("apidiscovery.k8s.io", "v2beta1"): "APIGroupDiscovery",
    ("apps", "v1"): "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    ("apps", "v1beta1"): "ControllerRevision Deployment DeploymentRollback Scale StatefulSet",
    ("apps", "v1beta2"): "ControllerRevision DaemonSet Deployment ReplicaSet Scale StatefulSet",
    ("authentication.k8s.io", "v1"): "SelfSubjectReview TokenRequest TokenReview",
    ("authentication.k8s.io", "v1beta1"): "SelfSubjectReview TokenReview",
    ("authorization.k8s.io", "v1"): (
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview"
    ),
    ("authorization.k8s.io", "v1beta1"): (
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview"
    ),
    ("autoscaling", "v1"): "HorizontalPodAutoscaler Scale",
    ("autoscaling", "v2"): "HorizontalPodAutoscaler",
    ("batch", "v1"): "CronJob Job",
    ("batch", "v1beta1"): "CronJob",
    ("certificates.k8s.io", "v1"): "CertificateSigningRequest",
    ("certificates.k8s.io", "v1alpha1"): "ClusterTrustBundle",
    ("certificates.k8s.io", "v1beta1"): "CertificateSigningRequest ClusterTrustBundle PodCertificateRequest",
    ("coordination.k8s.io", "v1"): "Lease",
    ("coordination.k8s.io", "v1alpha2"): "LeaseCandidate",
    ("coordination.k8s.io", "v1beta1"): "Lease LeaseCandidate",
    ("", "v1"): (
        "Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node "
        "NodeProxyOptions PersistentVolume PersistentVolumeClaim Pod PodAttachOptions PodExecOptions "
        "PodLogOptions PodPortForwardOptions PodProxyOptions PodStatusResult PodTemplate RangeAllocation "
        "ReplicationController ResourceQuota Secret SerializedReference Service ServiceAccount "
        "ServiceProxyOptions"
    ),
    ("discovery.k8s.io", "v1"): "EndpointSlice",
    ("discovery.k8s.io", "v1beta1"): "EndpointSlice",
    ("events.k8s.io", "v1"): "Event",
    ("events.k8s.io", "v1beta1"): "Event",
    ("extensions", "v1beta1"): "DaemonSet Deployment DeploymentRollback Ingress NetworkPolicy ReplicaSet Scale",
    ("flowcontrol.apiserver.k8s.io", "v1"): "FlowSchema PriorityLevelConfiguration",
    ("flowcontrol.apiserver.k8s.io", "v1beta1"): "FlowSchema PriorityLevelConfiguration",
    ("flowcontrol.apiserver.k8s.io", "v1beta2"): "FlowSchema PriorityLevelConfiguration",
    ("flowcontrol.apiserver.k8s.io", "v1beta3"): "FlowSchema PriorityLevelConfiguration",
    ("imagepolicy.k8s.io", "v1alpha1"): "ImageReview",
    ("internal.apiserver.k8s.io", "v1alpha1"): "StorageVersion",
    ("networking.k8s.io", "v1"): "IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR",
    ("networking.k8s.io", "v1beta1"): "IPAddress Ingress IngressClass ServiceCIDR",
    ("node.k8s.io", "v1"): "RuntimeClass",
    ("node.k8s.io", "v1alpha1"): "RuntimeClass",
    ("node.k8s.io", "v1beta1"): "RuntimeClass",
    ("policy", "v1"): "Eviction PodDisruptionBudget",
    ("policy", "v1beta1"): "Eviction PodDisruptionBudget",
    ("rbac.authorization.k8s.io", "v1"): "ClusterRole ClusterRoleBinding Role RoleBinding",
    ("rbac.authorization.k8s.io", "v1alpha1"): "ClusterRole ClusterRoleBinding Role RoleBinding",
    ("rbac.authorization.k8s.io", "v1beta1"): "ClusterRole ClusterRoleBinding Role RoleBinding",
    ("resource.k8s.io", "v1"): "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice",
    ("resource.k8s.io", "v1alpha3"): "DeviceTaintRule ResourcePoolStatusRequest",
    ("resource.k8s.io", "v1beta1"): "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice",
    ("resource.k8s.io", "v1beta2"): "DeviceClass DeviceTaintRule ResourceClaim ResourceClaimTemplate ResourceSlice",
    ("scheduling.k8s.io", "v1"): "PriorityClass",
    ("scheduling.k8s.io", "v1alpha2"): "PodGroup Workload",
    ("scheduling.k8s.io", "v1beta1"): "PriorityClass",
    (
        "storage.k8s.io",
        "v1",
    ): "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass",
    ("storage.k8s.io", "v1alpha1"): "CSIStorageCapacity VolumeAttachment VolumeAttributesClass",
    ("storage.k8s.io", "v1beta1"): (
        "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass"
    ),
    ("storagemigration.k8s.io", "v1beta1"): "StorageVersionMigration",
}
_WITHOUT_LISTS: Final = re.compile(
    r"\w+Options|\w+Review|TokenRequest|Binding|DeploymentRollback|Eviction|PodStatusResult|RangeAllocation|Scale"
    r"|SerializedReference"
)
_EVENTS: Final = {("events.k8s.io", "Event"): "core.Event"}
_APPS: Final = {("extensions", kind): f"apps.{kind}" for kind in ("DaemonSet", "Deployment", "ReplicaSet")}
_NETWORKING: Final = {("extensions", kind): f"networking.{kind}" for kind in ("Ingress", "NetworkPolicy")}
_SCALE: Final = {(group, "Scale"): "autoscaling.Scale" for group in ("apps", "extensions")}


def _kinds() -> Iterator[GroupVersionKind]:
    for (group, version), names in _KINDS.items():
        for kind in names.split():
            yield GroupVersionKind(group, version, kind)
            if not _WITHOUT_LISTS.fullmatch(kind):
                yield GroupVersionKind(group, version, kind + "List")
        for kind in META_KINDS:
            yield GroupVersionKind(group, version, kind)
    yield GroupVersionKind("", "v1", "List")


def _find_schema(gvk: GroupVersionKind) -> Schema | None:
    name = definition_name(*gvk)
    nodes = definitions()
    return nodes.get(name) if name in nodes else None


@functools.cache
def scheme() -> Scheme:
    """The scheme, made on first use."""
    internal = {**_EVENTS, **_APPS, **_NETWORKING, **_SCALE}
    return Scheme(NAME, frozenset(_kinds()), _find_schema, internal)
