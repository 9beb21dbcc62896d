"""The feature gates of 1.36: which names exist, what they default to, and which cannot be changed.

Upstream: component-base/featuregate and the tables that each component registers there. Most gates are about nodes,
the scheduler or the insides of Go's server; naming one is accepted as kube-apiserver accepts it, what kubern does about
it is said where it does it. Next: `generic.py`, whose flag --feature-gates this is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kubern.options.values import FALSE_TEXTS, TRUE_TEXTS

COMPONENT = "kube"
ALL_ALPHA, ALL_BETA = "AllAlpha", "AllBeta"


class Gate(NamedTuple):
    """A gate: its stage (ALPHA, BETA, GA, DEPRECATED), default, and whether it is locked to it."""

    name: str
    stage: str
    default: bool
    locked: bool


_LOCKED_ON = """
    APIServerTracing AggregatedDiscoveryRemoveBetaType AllowOverwriteTerminationGracePeriodSeconds
    AnonymousAuthConfigurableEndpoints AnyVolumeDataSource AuthorizeNodeWithSelectors AuthorizeWithSelectors
    BtreeWatchCache CPUManagerPolicyOptions CRDValidationRatcheting CSIServiceAccountTokenSecrets
    ConsistentListFromCache CustomResourceFieldSelectors DisableAllocatorDualWrite DynamicResourceAllocation
    ExecProbeTimeout HonorPVReclaimPolicy ImageMaximumGCAge InPlacePodVerticalScaling JobBackoffLimitPerIndex
    JobManagedBy JobPodReplacementPolicy JobSuccessPolicy KubeletCgroupDriverFromCRI KubeletFineGrainedAuthz
    KubeletTracing LogarithmicScaleDown MatchLabelKeysInPodAffinity MultiCIDRServiceAllocator MutatingAdmissionPolicy
    NFTablesProxyMode NodeInclusionPolicyInPodTopologySpread NodeSwap OrderedNamespaceDeletion PodLifecycleSleepAction
    PodLifecycleSleepActionAllowZero PodObservedGenerationTracking PodSchedulingReadiness
    PreferSameTrafficDistribution RecoverVolumeExpansionFailure RecursiveReadOnlyMounts RelaxedDNSSearchValidation
    RelaxedEnvironmentVariableValidation ResilientWatchCacheInitialization RetryGenerateName SchedulerQueueingHints
    SeparateTaintEvictionController ServiceAccountTokenJTI ServiceAccountTokenNodeBinding
    ServiceAccountTokenNodeBindingValidation ServiceAccountTokenPodNodeInfo SidecarContainers
    StreamingCollectionEncodingToJSON StreamingCollectionEncodingToProtobuf StructuredAuthenticationConfiguration
    SupplementalGroupsPolicy SystemdWatchdog TopologyManagerPolicyOptions VolumeAttributesClass WinDSR WinOverlay
"""
_GA_ON = """
    DRAAdminAccess DRAPrioritizedList DeclarativeValidation ExternalServiceAccountTokenSigner ImageVolume
    InformerResourceVersion KubeletPSI NodeLogQuery PortForwardWebsockets ProcMountType
    ServiceAccountNodeAudienceRestriction UserNamespacesSupport
"""
_BETA_ON = """
    APIResponseCompression APIServerIdentity AllowParsingUserUIDFromCertAuth AtomicFIFO
    AuthorizePodWebsocketUpgradeCreatePermission CPUManagerPolicyBetaOptions ClearingNominatedNodeNameAfterBinding
    ComponentFlagz ComponentStatusz ConstrainedImpersonation ContainerCheckpoint ContainerRestartRules
    DRAConsumableCapacity DRADeviceBindingConditions DRADeviceTaints DRAExtendedResource DRAPartitionableDevices
    DRAResourceClaimDeviceStatus DRASchedulerFilterTimeout DeploymentReplicaSetTerminatingReplicas
    DetectCacheInconsistency DisableCPUQuotaWithExclusiveCPUs EnvFiles GracefulNodeShutdown
    GracefulNodeShutdownBasedOnPodPriority HPAConfigurableTolerance HostnameOverride ImageVolumeWithDigest
    InOrderInformers InOrderInformersBatchProcess InPlacePodLevelResourcesVerticalScaling KubeletCrashLoopBackOffMax
    KubeletEnsureSecretPulledImages KubeletPodResourcesDynamicResources KubeletPodResourcesGet KubeletSeparateDiskGC
    KubeletServiceAccountTokenForCredentialProviders ListFromCacheSnapshot MatchLabelKeysInPodTopologySpread
    MatchLabelKeysInPodTopologySpreadSelectorMerge MaxUnavailableStatefulSet MutableCSINodeAllocatableCount
    MutablePodResourcesForSuspendedJobs MutableSchedulingDirectivesForSuspendedJobs NodeDeclaredFeatures
    NominatedNodeNameForExpectation OpenAPIEnums OpportunisticBatching PodDeletionCost PodLevelResources
    PodReadyToStartContainersCondition PodTopologyLabelsAdmission PreventStaticPodAPIReferences
    RelaxedServiceNameValidation ReloadKubeletServerCertificateFile RemoteRequestHeaderUID ResourceHealthStatus
    ResourceHealthStatusMessage RestartAllContainersOnContainerExits RotateKubeletServerCertificate
    SELinuxChangePolicy SELinuxMountReadWriteOncePod SchedulerAsyncPreemption SchedulerPopFromBackoffQ
    SizeBasedListCostEstimate StatefulSetSemanticRevisionComparison StorageVersionHash StrictIPCIDRValidation
    StructuredAuthenticationConfigurationEgressSelector StructuredAuthenticationConfigurationJWKSMetrics
    TokenRequestServiceAccountUIDValidation TopologyManagerPolicyBetaOptions TranslateStreamCloseWebsocketRequests
    UnauthenticatedHTTP2DOSMitigation UnlockWhileProcessingFIFO WatchCacheInitializationPostStartHook WatchList
    WatchListClient WindowsGracefulNodeShutdown
"""
_BETA_OFF = """
    CRDObservedGenerationTracking ClusterTrustBundle ClusterTrustBundleProjection ConcurrentWatchObjectDecode
    CoordinatedLeaderElection DRADeviceTaintRules DeclarativeValidationTakeover
    LocalStorageCapacityIsolationFSQuotaMonitoring PodCertificateRequest SELinuxMount SchedulerAsyncAPICalls
    StorageVersionMigrator
"""
_ALPHA = """
    APIServingWithRoutine AllowUnsafeMalformedObjectDeletion CBORServingAndStorage CPUManagerPolicyAlphaOptions
    CSIVolumeHealth ClientsAllowCBOR ClientsPreferCBOR CloudControllerManagerWatchBasedRoutesReconciliation
    CloudControllerManagerWebhook ContainerStopSignals CrossNamespaceVolumeDataSource CustomCPUCFSQuotaPeriod
    DRAListTypeAttributes DRANodeAllocatableResources DRAResourcePoolStatus DRAWorkloadResourceClaims EventedPLEG
    GangScheduling GenericWorkload HPAScaleToZero InPlacePodVerticalScalingExclusiveCPUs
    InPlacePodVerticalScalingExclusiveMemory KubeletInUserNamespace ManifestBasedAdmissionControlConfig MemoryQoS
    MutablePVNodeAffinity PersistentVolumeClaimUnusedSinceTime PodAndContainerStatsFromCRI PodLogsQuerySplitStreams
    QOSReserved ReduceDefaultCrashLoopBackOffDecay RuntimeClassInImageCriApi ShardedListAndWatch
    StaleControllerConsistencyDaemonSet StaleControllerConsistencyJob StaleControllerConsistencyReplicaSet
    StaleControllerConsistencyStatefulSet StorageCapacityScoring StorageVersionAPI
    TaintTolerationComparisonOperators TopologyAwareWorkloadScheduling TopologyManagerPolicyAlphaOptions
    UnknownVersionInteroperabilityProxy UserNamespacesHostNetworkSupport VolumeLimitScaling
    WindowsCPUAndMemoryAffinity WorkloadAwarePreemption WorkloadWithJob
"""
_DEPRECATED_ON = """
    AllowDNSOnlyNodeCSR AllowInsecureKubeletCertificateSigningRequests ChangeContainerStatusOnKubeletRestart
    DisableNodeKubeProxyVersion GitRepoVolumeDriver KMSv1 KubeletPodResourcesListUseActivePods
    KubeletRegistrationGetOnExistsOnly SeparateCacheWatchRPC StorageNamespaceIndex
"""
_DEPRECATED_OFF = "InPlacePodVerticalScalingAllocatedStatus WindowsHostNetwork"
_TABLE = (
    (_LOCKED_ON, "GA", True, True),
    (_GA_ON, "GA", True, False),
    (_BETA_ON, "BETA", True, False),
    (_BETA_OFF, "BETA", False, False),
    (_ALPHA, "ALPHA", False, False),
    (_DEPRECATED_ON, "DEPRECATED", True, False),
    (_DEPRECATED_OFF, "DEPRECATED", False, False),
)


def known_gates() -> dict[str, Gate]:
    """Every gate by name, sorted."""
    gates = [Gate(name, *what) for names, *what in _TABLE for name in names.split()]  # type: ignore[arg-type]
    gates += [Gate(ALL_ALPHA, "ALPHA", False, False), Gate(ALL_BETA, "BETA", False, False)]
    return {gate.name: gate for gate in sorted(gates)}


def gate_name(key: str) -> str:
    """The gate that a key of --feature-gates names: `Gate` or `kube:Gate`."""
    return key.removeprefix(f"{COMPONENT}:")


def feature_gate_problems(given: Mapping[str, str]) -> list[str]:
    """Gates that do not exist, values that are none, locked gates set to the other value."""
    if not given:
        return []
    known = known_gates()
    problems = []
    for key, text in given.items():
        gate = known.get(gate_name(key))
        if gate is None:
            problems.append(f"--feature-gates: unrecognized feature gate: {gate_name(key)}{_suggestion(key, known)}")
        elif text not in TRUE_TEXTS and text not in FALSE_TEXTS:
            problems.append(f"--feature-gates: {key}={text} must be true or false")
        elif gate.locked and (text in TRUE_TEXTS) != gate.default:
            locked = "true" if gate.default else "false"
            problems.append(
                f"--feature-gates: cannot set feature gate {gate.name} to {text}, feature is locked to {locked}"
            )
    return problems


def _suggestion(key: str, known: Mapping[str, Gate]) -> str:
    import difflib

    close = difflib.get_close_matches(gate_name(key), known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def enabled_gates(given: Mapping[str, str]) -> frozenset[str]:
    """The gates that are on: defaults, AllAlpha and AllBeta, then the gates named one by one."""
    values = {gate_name(key): text in TRUE_TEXTS for key, text in given.items()}
    known = known_gates()
    on = {gate.name for gate in known.values() if gate.default}
    for all_of_them, stage in ((ALL_ALPHA, "ALPHA"), (ALL_BETA, "BETA")):
        if all_of_them in values:
            members = {gate.name for gate in known.values() if gate.stage == stage}
            on = on | members if values[all_of_them] else on - members
    return frozenset((on | {name for name, value in values.items() if value}) - {n for n, v in values.items() if not v})
