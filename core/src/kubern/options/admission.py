"""Flags of admission plugins (upstream: kubeoptions.AdmissionOptions)."""

from __future__ import annotations

import dataclasses

from kubern.options.section import flag
from kubern.options.values import Strings

KNOWN_PLUGINS = frozenset({
    "AlwaysAdmit", "AlwaysDeny", "AlwaysPullImages", "CertificateApproval", "CertificateSigning",
    "CertificateSubjectRestriction", "ClusterTrustBundleAttest", "DefaultIngressClass", "DefaultStorageClass",
    "DefaultTolerationSeconds", "DenyServiceExternalIPs", "EventRateLimit", "ExtendedResourceToleration",
    "ImagePolicyWebhook", "LimitPodHardAntiAffinityTopology", "LimitRanger", "MutatingAdmissionPolicy",
    "MutatingAdmissionWebhook", "NamespaceAutoProvision", "NamespaceExists", "NamespaceLifecycle",
    "NodeDeclaredFeatureValidator", "NodeRestriction", "OwnerReferencesPermissionEnforcement",
    "PersistentVolumeClaimResize", "PodNodeSelector", "PodSecurity", "PodTolerationRestriction",
    "PodTopologyLabels", "Priority", "ResourceQuota", "RuntimeClass", "ServiceAccount",
    "StorageObjectInUseProtection", "TaintNodesByCondition", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
})  # fmt: skip
"""Names that kube-apiserver 1.36 knows: accepted whether or not the member that brings them is in the chain."""


@dataclasses.dataclass
class AdmissionOptions:
    """Which admission plugins check and change what is written."""

    admission_control: Strings = flag((), deprecated="use --enable-admission-plugins and --disable-admission-plugins")
    """All admission plugins to run, comma separated; not together with --enable-admission-plugins or
    --disable-admission-plugins. Their order makes no difference."""

    admission_control_config_file: str = ""
    """File with the plugins' configuration (apiserver.config.k8s.io AdmissionConfiguration)."""

    default_not_ready_toleration_seconds: int = 300
    """Seconds that pods without a toleration of their own tolerate node.kubernetes.io/not-ready:NoExecute."""

    default_unreachable_toleration_seconds: int = 300
    """Seconds that pods without a toleration of their own tolerate node.kubernetes.io/unreachable:NoExecute."""

    disable_admission_plugins: Strings = ()
    """Admission plugins not to run although they are on by default, comma separated. Their order makes no
    difference."""

    enable_admission_plugins: Strings = ()
    """Admission plugins to run besides those on by default, comma separated. Their order makes no difference."""

    def validate(self) -> list[str]:
        problems = []
        both = sorted(set(self.enable_admission_plugins) & set(self.disable_admission_plugins))
        if both:
            problems.append(f"--enable-admission-plugins: {', '.join(both)} also named by --disable-admission-plugins")
        if self.admission_control and (self.enable_admission_plugins or self.disable_admission_plugins):
            problems.append(
                "--admission-control: must not be given with --enable-admission-plugins or --disable-admission-plugins"
            )
        return problems

    def file_flags(self) -> dict[str, str]:
        """Files that must be readable when named, by flag."""
        return {"--admission-control-config-file": self.admission_control_config_file}
