"""kube-apiserver's admission plugins in their order, and which are on by default (upstream: kubeapiserver/options/plugins.go).

Slots are hundreds, so that others can stand between them; NamespaceLifecycle, which is core's, has 300.
"""

from __future__ import annotations

import importlib
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from kubern.contributions import AdmissionPluginSpec

if TYPE_CHECKING:
    from kubern.admission.interface import AdmissionPlugin
    from kubern.config import CompletedConfig

ON, OFF = True, False


class Plugin(NamedTuple):
    """A plugin's name, which is its class too, its slot, whether it is on by default, and its module."""

    name: str
    slot: int
    default: bool
    module: str


PLUGINS = (
    Plugin("AlwaysAdmit", 100, OFF, "alwaysadmit"),
    Plugin("NamespaceAutoProvision", 200, OFF, "namespaceautoprovision"),
    Plugin("NamespaceExists", 400, OFF, "namespaceexists"),
    Plugin("LimitPodHardAntiAffinityTopology", 500, OFF, "limitpodhardantiaffinitytopology"),
    Plugin("LimitRanger", 600, ON, "limitranger"),
    Plugin("ServiceAccount", 700, ON, "serviceaccount"),
    Plugin("NodeRestriction", 800, OFF, "noderestriction"),
    Plugin("TaintNodesByCondition", 900, ON, "nodetaint"),
    Plugin("AlwaysPullImages", 1000, OFF, "alwayspullimages"),
    Plugin("ImagePolicyWebhook", 1100, OFF, "imagepolicywebhook"),
    Plugin("PodSecurity", 1200, ON, "podsecurity.plugin"),
    Plugin("PodNodeSelector", 1300, OFF, "podnodeselector"),
    Plugin("Priority", 1400, ON, "priority"),
    Plugin("DefaultTolerationSeconds", 1500, ON, "defaulttolerationseconds"),
    Plugin("PodTolerationRestriction", 1600, OFF, "podtolerationrestriction"),
    Plugin("EventRateLimit", 1700, OFF, "eventratelimit"),
    Plugin("ExtendedResourceToleration", 1800, OFF, "extendedresourcetoleration"),
    Plugin("DefaultStorageClass", 1900, ON, "defaultstorageclass"),
    Plugin("StorageObjectInUseProtection", 2000, ON, "storageobjectinuseprotection"),
    Plugin("PodGroupProtection", 2050, ON, "workloads"),
    Plugin("OwnerReferencesPermissionEnforcement", 2100, OFF, "ownerreferences"),
    Plugin("PersistentVolumeClaimResize", 2200, ON, "persistentvolumeclaimresize"),
    Plugin("RuntimeClass", 2300, ON, "runtimeclass"),
    Plugin("CertificateApproval", 2400, ON, "certificateapproval"),
    Plugin("CertificateSigning", 2500, ON, "certificatesigning"),
    Plugin("ClusterTrustBundleAttest", 2600, ON, "clustertrustbundleattest"),
    Plugin("CertificateSubjectRestriction", 2700, ON, "certificatesubjectrestriction"),
    Plugin("DefaultIngressClass", 2800, ON, "defaultingressclass"),
    Plugin("DenyServiceExternalIPs", 2900, OFF, "denyserviceexternalips"),
    Plugin("PodTopologyLabels", 3000, ON, "podtopologylabels"),
    Plugin("PodGroupWorkloadExists", 3010, ON, "workloads"),
    Plugin("NodeDeclaredFeatureValidator", 3020, ON, "nodedeclaredfeatures"),
    Plugin("JobValidation", 3030, ON, "workloads"),
    Plugin("PodResizeValidator", 3040, ON, "podresize"),
    Plugin("MutatingAdmissionPolicy", 3200, ON, "policies.mutating"),
    Plugin("MutatingAdmissionWebhook", 3300, ON, "webhooks.mutating"),
    Plugin("ValidatingAdmissionPolicy", 3400, ON, "policies.validating"),
    Plugin("ValidatingAdmissionWebhook", 3500, ON, "webhooks.validating"),
    Plugin("ResourceQuota", 3600, ON, "quota.plugin"),
    Plugin("AlwaysDeny", 3700, OFF, "alwaysdeny"),
)


def admission_plugins() -> list[AdmissionPluginSpec]:
    """All plugins of this member; a plugin's module is imported when it is built."""
    return [AdmissionPluginSpec(p.name, p.slot, partial(_build, p), default_enabled=p.default) for p in PLUGINS]


def _build(plugin: Plugin, config: CompletedConfig) -> AdmissionPlugin:
    module = importlib.import_module(f"kubern_kubeapi.admission.{plugin.module}")
    built: AdmissionPlugin = getattr(module, plugin.name)(config)
    return built
