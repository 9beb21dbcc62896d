"""Go's internal types of pods and all they hold, for messages that show them and for diffs of pod specs.

The order of fields is that of pkg/apis/core/types.go. Next: `diff.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern_kubeapi.groups.gostruct import META_TYPES, Catalog

_POD_LEVEL_SECURITY = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")

CORE_TYPES = Catalog(
    """
    PodTemplateSpec ObjectMeta:+ObjectMeta Spec:PodSpec
    PodTemplateMeta ObjectMeta:+ObjectMeta
    PodSpec Volumes:[]Volume InitContainers:[]Container Containers:[]Container EphemeralContainers:[]EphemeralContainer RestartPolicy TerminationGracePeriodSeconds:- ActiveDeadlineSeconds:- DNSPolicy NodeSelector:- ServiceAccountName AutomountServiceAccountToken:- NodeName SecurityContext:*PodSecurityContext ImagePullSecrets:[]LocalObjectReference Hostname Subdomain SetHostnameAsFQDN:- Affinity:*Affinity SchedulerName Tolerations:[]Toleration HostAliases:[]HostAlias PriorityClassName Priority:- PreemptionPolicy:- DNSConfig:*PodDNSConfig ReadinessGates:[]PodReadinessGate RuntimeClassName:- Overhead:- EnableServiceLinks:- TopologySpreadConstraints:[]TopologySpreadConstraint OS:*PodOS SchedulingGates:[]PodSchedulingGate ResourceClaims:[]PodResourceClaim Resources:*ResourceRequirements HostnameOverride:- SchedulingGroup:*PodSchedulingGroup
    PodSchedulingGroup PodGroupName:-
    PodOS Name
    PodSchedulingGate Name
    PodReadinessGate ConditionType
    PodResourceClaim Name ResourceClaimName:- ResourceClaimTemplateName:-
    LocalObjectReference Name
    HostAlias IP Hostnames:-
    PodDNSConfig Nameservers:- Searches:- Options:[]PodDNSConfigOption
    PodDNSConfigOption Name Value:-
    PodSecurityContext HostNetwork:b HostPID:b HostIPC:b ShareProcessNamespace:- HostUsers:- SELinuxOptions:*SELinuxOptions WindowsOptions:*WindowsSecurityContextOptions RunAsUser:- RunAsGroup:- RunAsNonRoot:- SupplementalGroups:- SupplementalGroupsPolicy:- FSGroup:- FSGroupChangePolicy:- Sysctls:[]Sysctl SeccompProfile:*SeccompProfile AppArmorProfile:*AppArmorProfile SELinuxChangePolicy:-
    Sysctl Name Value
    SELinuxOptions User Role Type Level
    WindowsSecurityContextOptions GMSACredentialSpecName:- GMSACredentialSpec:- RunAsUserName:- HostProcess:-
    SeccompProfile Type LocalhostProfile:-
    AppArmorProfile Type LocalhostProfile:-
    SecurityContext Capabilities:*Capabilities Privileged:- SELinuxOptions:*SELinuxOptions WindowsOptions:*WindowsSecurityContextOptions RunAsUser:- RunAsGroup:- RunAsNonRoot:- ReadOnlyRootFilesystem:- AllowPrivilegeEscalation:- ProcMount:- SeccompProfile:*SeccompProfile AppArmorProfile:*AppArmorProfile
    Capabilities Add:- Drop:-
    Affinity NodeAffinity:*NodeAffinity PodAffinity:*PodAffinity PodAntiAffinity:*PodAffinity
    NodeAffinity RequiredDuringSchedulingIgnoredDuringExecution:*NodeSelector PreferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm
    PreferredSchedulingTerm Weight:i Preference:NodeSelectorTerm
    NodeSelector NodeSelectorTerms:[]NodeSelectorTerm
    NodeSelectorTerm MatchExpressions:[]NodeSelectorRequirement MatchFields:[]NodeSelectorRequirement
    NodeSelectorRequirement Key Operator Values:-
    PodAffinity RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm
    WeightedPodAffinityTerm Weight:i PodAffinityTerm:PodAffinityTerm
    PodAffinityTerm LabelSelector:*LabelSelector Namespaces:- TopologyKey NamespaceSelector:*LabelSelector MatchLabelKeys:- MismatchLabelKeys:-
    Toleration Key Operator Value Effect TolerationSeconds:-
    Taint Key Value Effect TimeAdded:-
    TopologySpreadConstraint MaxSkew:i TopologyKey WhenUnsatisfiable LabelSelector:*LabelSelector MinDomains:- NodeAffinityPolicy:- NodeTaintsPolicy:- MatchLabelKeys:-
    ResourceRequirements Limits:- Requests:- Claims:[]ResourceClaim
    ResourceClaim Name Request
    Container Name Image Command:- Args:- WorkingDir Ports:[]ContainerPort EnvFrom:[]EnvFromSource Env:[]EnvVar Resources:ResourceRequirements ResizePolicy:[]ContainerResizePolicy RestartPolicy:- RestartPolicyRules:[]ContainerRestartRule VolumeMounts:[]VolumeMount VolumeDevices:[]VolumeDevice LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle TerminationMessagePath TerminationMessagePolicy ImagePullPolicy SecurityContext:*SecurityContext Stdin:b StdinOnce:b TTY:b
    EphemeralContainer Common:+Container TargetContainerName
    ContainerPort Name HostPort:i ContainerPort:i Protocol HostIP
    ContainerResizePolicy ResourceName RestartPolicy
    ContainerRestartRule Action ExitCodes:*ContainerRestartRuleOnExitCodes
    ContainerRestartRuleOnExitCodes Operator Values:-
    EnvFromSource Prefix ConfigMapRef:*OptionalReference SecretRef:*OptionalReference
    OptionalReference Name Optional:-
    EnvVar Name Value ValueFrom:*EnvVarSource
    EnvVarSource FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector ConfigMapKeyRef:*KeySelector SecretKeyRef:*KeySelector FileKeyRef:*FileKeySelector
    ObjectFieldSelector APIVersion FieldPath
    ResourceFieldSelector ContainerName Resource Divisor:q
    KeySelector Name Key Optional:-
    FileKeySelector VolumeName Path Key Optional:-
    VolumeMount Name ReadOnly:b RecursiveReadOnly:- MountPath SubPath MountPropagation:- SubPathExpr
    VolumeDevice Name DevicePath
    Probe Handler:+ProbeHandler InitialDelaySeconds:i TimeoutSeconds:i PeriodSeconds:i SuccessThreshold:i FailureThreshold:i TerminationGracePeriodSeconds:-
    ProbeHandler Exec:*ExecAction HTTPGet:*HTTPGetAction TCPSocket:*TCPSocketAction GRPC:*GRPCAction
    Lifecycle PostStart:*LifecycleHandler PreStop:*LifecycleHandler StopSignal:-
    LifecycleHandler Exec:*ExecAction HTTPGet:*HTTPGetAction TCPSocket:*TCPSocketAction Sleep:*SleepAction
    ExecAction Command:-
    HTTPGetAction Path Port:i Host Scheme HTTPHeaders:[]HTTPHeader
    HTTPHeader Name Value
    TCPSocketAction Port:i Host
    GRPCAction Port:i Service:-
    SleepAction Seconds:i
    Volume Name VolumeSource:+VolumeSource
    VolumeSource HostPath:*HostPathVolumeSource EmptyDir:*EmptyDirVolumeSource GCEPersistentDisk:*GCEPersistentDiskVolumeSource AWSElasticBlockStore:*AWSElasticBlockStoreVolumeSource GitRepo:*GitRepoVolumeSource Secret:*SecretVolumeSource NFS:*NFSVolumeSource ISCSI:*ISCSIVolumeSource Glusterfs:*GlusterfsVolumeSource PersistentVolumeClaim:*PersistentVolumeClaimVolumeSource RBD:*RBDVolumeSource Quobyte:*QuobyteVolumeSource FlexVolume:*FlexVolumeSource Cinder:*CinderVolumeSource CephFS=cephfs:*CephFSVolumeSource Flocker:*FlockerVolumeSource DownwardAPI:*DownwardAPIVolumeSource FC:*FCVolumeSource AzureFile:*AzureFileVolumeSource ConfigMap:*ConfigMapVolumeSource VsphereVolume:*VsphereVirtualDiskVolumeSource AzureDisk:*AzureDiskVolumeSource PhotonPersistentDisk:*PhotonPersistentDiskVolumeSource Projected:*ProjectedVolumeSource PortworxVolume:*PortworxVolumeSource ScaleIO:*ScaleIOVolumeSource StorageOS=storageos:*StorageOSVolumeSource CSI:*CSIVolumeSource Ephemeral:*EphemeralVolumeSource Image:*ImageVolumeSource
    HostPathVolumeSource Path Type:-
    EmptyDirVolumeSource Medium SizeLimit:-
    GCEPersistentDiskVolumeSource PDName FSType Partition:i ReadOnly:b
    AWSElasticBlockStoreVolumeSource VolumeID FSType Partition:i ReadOnly:b
    GitRepoVolumeSource Repository Revision Directory
    SecretVolumeSource SecretName Items:[]KeyToPath DefaultMode:- Optional:-
    KeyToPath Key Path Mode:-
    NFSVolumeSource Server Path ReadOnly:b
    ISCSIVolumeSource TargetPortal IQN Lun:i ISCSIInterface FSType ReadOnly:b Portals:- DiscoveryCHAPAuth=chapAuthDiscovery:b SecretRef:*LocalObjectReference SessionCHAPAuth=chapAuthSession:b InitiatorName:-
    GlusterfsVolumeSource EndpointsName=endpoints Path ReadOnly:b
    PersistentVolumeClaimVolumeSource ClaimName ReadOnly:b
    RBDVolumeSource CephMonitors=monitors:- RBDImage=image FSType RBDPool=pool RadosUser=user Keyring SecretRef:*LocalObjectReference ReadOnly:b
    QuobyteVolumeSource Registry Volume ReadOnly:b User Group Tenant
    FlexVolumeSource Driver FSType SecretRef:*LocalObjectReference ReadOnly:b Options:-
    CinderVolumeSource VolumeID FSType ReadOnly:b SecretRef:*LocalObjectReference
    CephFSVolumeSource Monitors:- Path User SecretFile SecretRef:*LocalObjectReference ReadOnly:b
    FlockerVolumeSource DatasetName DatasetUUID
    DownwardAPIVolumeSource Items:[]DownwardAPIVolumeFile DefaultMode:-
    DownwardAPIVolumeFile Path FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector Mode:-
    FCVolumeSource TargetWWNs:- Lun:- FSType ReadOnly:b WWIDs=wwids:-
    AzureFileVolumeSource SecretName ShareName ReadOnly:b
    ConfigMapVolumeSource Ref:+LocalObjectReference Items:[]KeyToPath DefaultMode:- Optional:-
    VsphereVirtualDiskVolumeSource VolumePath FSType StoragePolicyName StoragePolicyID
    AzureDiskVolumeSource DiskName DataDiskURI=diskURI CachingMode:- FSType:- ReadOnly:- Kind:-
    PhotonPersistentDiskVolumeSource PdID=pdID FSType
    ProjectedVolumeSource Sources:[]VolumeProjection DefaultMode:-
    VolumeProjection Secret:*SecretProjection DownwardAPI:*DownwardAPIProjection ConfigMap:*SecretProjection ServiceAccountToken:*ServiceAccountTokenProjection ClusterTrustBundle:*ClusterTrustBundleProjection PodCertificate:*PodCertificateProjection
    SecretProjection Ref:+LocalObjectReference Items:[]KeyToPath Optional:-
    DownwardAPIProjection Items:[]DownwardAPIVolumeFile
    ServiceAccountTokenProjection Audience ExpirationSeconds:i Path
    ClusterTrustBundleProjection Name:- SignerName:- LabelSelector:*LabelSelector Optional:- Path
    PodCertificateProjection SignerName KeyType MaxExpirationSeconds:- CredentialBundlePath KeyPath CertificateChainPath UserAnnotations:-
    PortworxVolumeSource VolumeID FSType ReadOnly:b
    ScaleIOVolumeSource Gateway System SecretRef:*LocalObjectReference SSLEnabled:b ProtectionDomain StoragePool StorageMode VolumeName FSType ReadOnly:b
    StorageOSVolumeSource VolumeName VolumeNamespace FSType ReadOnly:b SecretRef:*LocalObjectReference
    CSIVolumeSource Driver ReadOnly:- FSType:- VolumeAttributes:- NodePublishSecretRef:*LocalObjectReference
    EphemeralVolumeSource VolumeClaimTemplate:*PersistentVolumeClaimTemplate
    PersistentVolumeClaimTemplate ObjectMeta:+ObjectMeta Spec:PersistentVolumeClaimSpec
    PersistentVolumeClaimSpec AccessModes:- Selector:*LabelSelector Resources:VolumeResourceRequirements VolumeName StorageClassName:- VolumeMode:- DataSource:*TypedLocalObjectReference DataSourceRef:*TypedObjectReference VolumeAttributesClassName:-
    PersistentVolumeClaim TypeMeta:+TypeMeta ObjectMeta:+ObjectMeta Spec:PersistentVolumeClaimSpec Status:PersistentVolumeClaimStatus
    @TypeMeta kind apiVersion
    PersistentVolumeClaimStatus Phase AccessModes:- Capacity:- Conditions:- AllocatedResources:- AllocatedResourceStatuses:- CurrentVolumeAttributesClassName:- ModifyVolumeStatus:-
    VolumeResourceRequirements Limits:- Requests:-
    TypedLocalObjectReference APIGroup:- Kind Name
    TypedObjectReference APIGroup:- Kind Name Namespace:-
    ImageVolumeSource Reference PullPolicy
    PodIP IP
    HostIP IP
    NodeAddress Type Address
    NodeConfigSource ConfigMap:*ConfigMapNodeConfigSource
    ConfigMapNodeConfigSource Namespace Name UID ResourceVersion KubeletConfigKey
    """,
    META_TYPES,
)


def internal_pod_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A pod spec with the host namespaces moved into its security context, where the internal type has them."""
    moved = {name: spec[name] for name in _POD_LEVEL_SECURITY if name in spec}
    if not moved:
        return dict(spec)
    rest = {k: v for k, v in spec.items() if k not in moved}
    return {**rest, "securityContext": {**(spec.get("securityContext") or {}), **moved}}


def render_pod_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A pod spec as the internal type's JSON."""
    return CORE_TYPES.render("PodSpec", internal_pod_spec(spec)) or {}


def render_pod_template(template: Mapping[str, Any]) -> dict[str, Any]:
    """A pod template as the internal type's JSON: metadata's fields stand beside Spec."""
    meta = CORE_TYPES.render("PodTemplateMeta", template.get("metadata") or {}) or {}
    return {**meta, "Spec": render_pod_spec(template.get("spec") or {})}
