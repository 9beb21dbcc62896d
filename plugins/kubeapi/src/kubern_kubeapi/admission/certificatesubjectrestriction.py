"""The CertificateSubjectRestriction plugin: no client certificate for system:masters (upstream: subjectrestriction)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import CREATE, Attributes, Handler
from kubern.request import SYSTEM_PRIVILEGED_GROUP
from kubern_kubeapi.admission.certificateapproval import REQUESTS
from kubern_kubeapi.groups.certificates.pem import parse_request

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client"


class CertificateSubjectRestriction(Handler):
    """Looks into new requests to the signer of API clients' certificates."""

    operations = (CREATE,)
    resources = frozenset({REQUESTS})

    def __init__(self, config: CompletedConfig) -> None:
        pass

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        obj = attributes.object
        if attributes.subresource or obj is None or obj["spec"].get("signerName") != CLIENT_SIGNER:
            return
        try:
            organizations = _organizations(base64.b64decode(obj["spec"].get("request", "")))
        except ValueError as error:
            raise new_forbidden(attributes, f"failed to parse CSR: {error}") from error
        if SYSTEM_PRIVILEGED_GROUP in organizations:
            text = f"use of {CLIENT_SIGNER} signer with {SYSTEM_PRIVILEGED_GROUP} group is not allowed"
            raise new_forbidden(attributes, text)


def _organizations(pem: bytes) -> list[str]:
    """The organizations in a PEM request's subject. Raises ValueError."""
    from cryptography.x509 import NameOID

    subject = parse_request(pem).subject
    return [str(a.value) for a in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
