"""Go's internal types of volumes and of references, for messages that show them. Next: `pod/internal_types.py` holds the others."""

from __future__ import annotations

from kubern_kubeapi.groups.core.pod.internal_types import CORE_TYPES
from kubern_kubeapi.groups.gostruct import Catalog

INTERNAL_TYPES = Catalog(
    """
    PersistentVolumeSource GCEPersistentDisk:*GCEPersistentDiskVolumeSource AWSElasticBlockStore:*AWSElasticBlockStoreVolumeSource HostPath:*HostPathVolumeSource Glusterfs:*GlusterfsPersistentVolumeSource NFS:*NFSVolumeSource RBD:*RBDPersistentVolumeSource Quobyte:*QuobyteVolumeSource ISCSI:*ISCSIPersistentVolumeSource FlexVolume:*FlexPersistentVolumeSource Cinder:*CinderPersistentVolumeSource CephFS=cephfs:*CephFSPersistentVolumeSource FC:*FCVolumeSource Flocker:*FlockerVolumeSource AzureFile:*AzureFilePersistentVolumeSource VsphereVolume:*VsphereVirtualDiskVolumeSource AzureDisk:*AzureDiskVolumeSource PhotonPersistentDisk:*PhotonPersistentDiskVolumeSource PortworxVolume:*PortworxVolumeSource ScaleIO=scaleIO:*ScaleIOPersistentVolumeSource Local:*LocalVolumeSource StorageOS=storageos:*StorageOSPersistentVolumeSource CSI:*CSIPersistentVolumeSource
    PersistentVolumeSpec Capacity:- Source:+PersistentVolumeSource AccessModes:- ClaimRef:*ObjectReference PersistentVolumeReclaimPolicy StorageClassName MountOptions:- VolumeMode:- NodeAffinity:*VolumeNodeAffinity VolumeAttributesClassName:-
    VolumeNodeAffinity Required:*NodeSelector
    VolumeAttachmentSpec Attacher Source:VolumeAttachmentSource NodeName
    VolumeAttachmentSource PersistentVolumeName:- InlineVolumeSpec:*PersistentVolumeSpec
    EventSource Component Host
    ObjectReference Kind Namespace Name UID APIVersion ResourceVersion FieldPath
    SecretReference Name Namespace
    GlusterfsPersistentVolumeSource EndpointsName=endpoints Path ReadOnly:b EndpointsNamespace:-
    RBDPersistentVolumeSource CephMonitors=monitors:- RBDImage=image FSType RBDPool=pool RadosUser=user Keyring SecretRef:*SecretReference ReadOnly:b
    ISCSIPersistentVolumeSource TargetPortal IQN Lun:i ISCSIInterface FSType ReadOnly:b Portals:- DiscoveryCHAPAuth=chapAuthDiscovery:b SecretRef:*SecretReference SessionCHAPAuth=chapAuthSession:b InitiatorName:-
    FlexPersistentVolumeSource Driver FSType SecretRef:*SecretReference ReadOnly:b Options:-
    CinderPersistentVolumeSource VolumeID FSType ReadOnly:b SecretRef:*SecretReference
    CephFSPersistentVolumeSource Monitors:- Path User SecretFile SecretRef:*SecretReference ReadOnly:b
    AzureFilePersistentVolumeSource SecretName ShareName ReadOnly:b SecretNamespace:-
    ScaleIOPersistentVolumeSource Gateway System SecretRef:*SecretReference SSLEnabled:b ProtectionDomain StoragePool StorageMode VolumeName FSType ReadOnly:b
    LocalVolumeSource Path FSType:-
    StorageOSPersistentVolumeSource VolumeName VolumeNamespace FSType ReadOnly:b SecretRef:*ObjectReference
    CSIPersistentVolumeSource Driver VolumeHandle ReadOnly:b FSType VolumeAttributes:- ControllerPublishSecretRef:*SecretReference NodeStageSecretRef:*SecretReference NodePublishSecretRef:*SecretReference ControllerExpandSecretRef:*SecretReference NodeExpandSecretRef:*SecretReference
    """,
    CORE_TYPES,
)
