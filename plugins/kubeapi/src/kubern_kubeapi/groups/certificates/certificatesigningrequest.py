"""The CertificateSigningRequest kind (certificates.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class CertificateSigningRequestStrategy(Strategy):
    """Rules of CertificateSigningRequest objects."""


class CertificateSigningRequestApprovalStrategy(CertificateSigningRequestStrategy):
    """Rules of the approval subresource."""


class CertificateSigningRequestStatusStrategy(CertificateSigningRequestStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="certificates.k8s.io",
    resource="certificatesigningrequests",
    kind="CertificateSigningRequest",
    versions=(VersionDefinition("v1", schema=schema("certificates.k8s.io", "v1", "CertificateSigningRequest")),),
    strategy=CertificateSigningRequestStrategy(),
    namespaced=False,
    singular="certificatesigningrequest",
    short_names=("csr",),
    subresources=(
        Subresource("approval", strategy=CertificateSigningRequestApprovalStrategy()),
        Subresource("status", strategy=CertificateSigningRequestStatusStrategy()),
    ),
)
