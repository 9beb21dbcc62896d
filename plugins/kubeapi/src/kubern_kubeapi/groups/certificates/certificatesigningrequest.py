"""The CertificateSigningRequest kind (certificates.k8s.io). Next: `validation.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    Column,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.registry.before import now_text
from kubern.registry.strategy import Strategy, keep_status
from kubern.util.human_duration import human_duration
from kubern_kubeapi.groups.certificates.validation import validate_request, validate_request_update
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]


class CertificateSigningRequestStrategy(Strategy):
    """Rules of signing requests: the server says who asks, and nothing of the spec changes."""

    reset_fields: tuple[tuple[str, ...], ...] = (("spec",), ("status",))

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        spec = obj.setdefault("spec", {})
        user = ctx.effective_user
        requestor: Object = {
            "username": user.name,
            "uid": user.uid,
            "groups": list(user.groups),
            "extra": {key: list(values) for key, values in user.extra.items()},
        }
        for name, value in requestor.items():
            spec.pop(name, None)
            if value:
                spec[name] = value
        obj["status"] = {}

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]
        keep_status(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_request(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_request_update(obj, old)

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        return []


class CertificateSigningRequestStatusStrategy(CertificateSigningRequestStrategy):
    """Rules of the status subresource, where the certificate arrives."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]
        for decision in ("Approved", "Denied"):
            _keep_conditions(obj, old, decision)
        _set_condition_times(obj, old)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_request_update(obj, old, sign=True)


class CertificateSigningRequestApprovalStrategy(CertificateSigningRequestStrategy):
    """Rules of the approval subresource, where requests are approved or denied."""

    reset_fields = (("spec",), ("status", "certificate"))

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]
        status = obj.setdefault("status", {})
        status.pop("certificate", None)
        if old.get("status", {}).get("certificate"):
            status["certificate"] = old["status"]["certificate"]
        _set_condition_times(obj, old)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_request_update(obj, old, decide=True)


def _keep_conditions(obj: Object, old: Object, decision: str) -> None:
    """Conditions of a decision as they were, unless some were added or removed, which validation then refuses.

    Upstream: preserveConditionInstances.
    """
    conditions = obj.get("status", {}).get("conditions") or []
    before = [c for c in old.get("status", {}).get("conditions") or () if c.get("type") == decision]
    places = [i for i, c in enumerate(conditions) if c.get("type") == decision]
    if len(before) == len(places):
        for place, condition in zip(places, before, strict=True):
            conditions[place] = condition


def _set_condition_times(obj: Object, old: Object) -> None:
    """Times that a client left out (upstream: populateConditionTimestamps)."""
    now = now_text()
    known = {(c.get("type"), c.get("status")): c for c in old.get("status", {}).get("conditions") or ()}
    for condition in obj.get("status", {}).get("conditions") or ():
        if not condition.get("lastUpdateTime"):
            condition["lastUpdateTime"] = now
        if not condition.get("lastTransitionTime"):
            before = known.get((condition.get("type"), condition.get("status")), {})
            condition["lastTransitionTime"] = before.get("lastTransitionTime") or now


def _condition_text(status: Object) -> str:
    types = {c.get("type") for c in status.get("conditions") or ()}
    text = "Denied" if "Denied" in types else "Approved" if "Approved" in types else "Pending"
    if "Failed" in types:
        text += ",Failed"
    return f"{text},Issued" if status.get("certificate") else text


def _cells(obj: Object) -> list[Any]:
    spec = obj.get("spec", {})
    seconds = spec.get("expirationSeconds")
    return [
        obj["metadata"]["name"],
        age(obj),
        spec.get("signerName") or "<none>",
        spec.get("username", ""),
        "<none>" if seconds is None else human_duration(seconds),
        _condition_text(obj.get("status", {})),
    ]


_SIGNER_NAME_TEXT = (
    "Requested signer for the request. It is a qualified name in the form: `scope-hostname.io/name`. If empty, it "
    "will be defaulted:\n"
    " 1. If it's a kubelet client certificate, it is assigned\n"
    '    "kubernetes.io/kube-apiserver-client-kubelet".\n'
    " 2. If it's a kubelet serving certificate, it is assigned\n"
    '    "kubernetes.io/kubelet-serving".\n'
    ' 3. Otherwise, it is assigned "kubernetes.io/legacy-unknown".\n'
    "Distribution of trust for signers happens out of band. You can select on this field using `spec.signerName`."
)
_COLUMNS = (
    NAME_COLUMN,
    AGE_COLUMN,
    Column("SignerName", description=_SIGNER_NAME_TEXT),
    Column("Requestor", description="Base64-encoded PKCS#10 CSR data"),
    described("RequestedDuration", "certificates.v1.CertificateSigningRequestSpec.expirationSeconds"),
    Column("Condition", description="Conditions applied to the request, such as approval or denial."),
)


def _fields(obj: Object) -> Mapping[str, str]:
    return {"spec.signerName": obj.get("spec", {}).get("signerName", "")}


RESOURCE = ResourceDefinition(
    group="certificates.k8s.io",
    resource="certificatesigningrequests",
    kind="CertificateSigningRequest",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("certificates.k8s.io", "v1", "CertificateSigningRequest"),
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=CertificateSigningRequestStrategy(),
    namespaced=False,
    singular="certificatesigningrequest",
    short_names=("csr",),
    subresources=(
        Subresource("approval", strategy=CertificateSigningRequestApprovalStrategy()),
        Subresource("status", strategy=CertificateSigningRequestStatusStrategy()),
    ),
    selectable_fields=("spec.signerName",),
    fields=_fields,
)
