"""AdmissionReviews in v1 and v1beta1: made for a request, and read back (upstream: webhook/request/admissionreview.go)."""

from __future__ import annotations

import base64
import binascii
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.util.goquote import go_quote
from kubern_kubeapi.admission.dynamic.request import admission_request

if TYPE_CHECKING:
    from kubern_kubeapi.admission.dynamic.rules import Resource
    from kubern_kubeapi.admission.dynamic.versions import VersionedAttributes

Object = dict[str, Any]
GROUP = "admission.k8s.io"
VERSIONS = ("v1", "v1beta1")
JSON_PATCH = "JSONPatch"
_ALPHABET_ERROR = "response.patch is not base64"


class ReviewError(Exception):
    """A review that cannot be made, or an answer that is none."""


class Answer(NamedTuple):
    """What a webhook said."""

    allowed: bool
    status: Object | None
    patch: bytes
    patch_type: str
    audit_annotations: dict[str, str]
    warnings: list[str]


def new_review(versions: list[str], versioned: VersionedAttributes, resource: Resource) -> tuple[str, Object]:
    """The uid and the review, in the first version that both sides know. Raises ReviewError."""
    version = next((v for v in versions if v in VERSIONS), None)
    if version is None:
        raise ReviewError("webhook does not accept known AdmissionReview versions (v1, v1beta1)")
    uid = str(uuid.uuid4())
    request = admission_request(versioned.attributes, resource, versioned.kind)
    dry_run, options = request.pop("dryRun"), request.pop("options")
    request = {
        "uid": uid,
        **request,
        "object": versioned.object,
        "oldObject": versioned.old_object,
        "dryRun": dry_run,
        "options": options,
    }
    return uid, {"kind": "AdmissionReview", "apiVersion": f"{GROUP}/{version}", "request": request}


def read_review(review: Any, version: str, uid: str, *, mutating: bool) -> Answer:
    """The answer in a review that came back. Raises ReviewError."""
    review = review if isinstance(review, dict) else {}
    response = review.get("response")
    if not isinstance(response, dict):
        raise ReviewError("webhook response was absent")
    patch_type = JSON_PATCH  # that of v1beta1 is not looked at
    if version == f"{GROUP}/v1":
        _check_v1(review, response, uid, mutating)
        patch_type = response.get("patchType") or JSON_PATCH
    patch = b""
    if mutating and response.get("patch"):
        try:
            patch = base64.b64decode(response["patch"], validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise ReviewError(_ALPHABET_ERROR) from error
    return Answer(
        bool(response.get("allowed")),
        response.get("status"),
        patch,
        patch_type,
        response.get("auditAnnotations") or {},
        response.get("warnings") or [],
    )


def _check_v1(review: Object, response: Object, uid: str, mutating: bool) -> None:
    found = response.get("uid", "")
    if found != uid:
        raise ReviewError(f"expected response.uid={go_quote(uid)}, got {go_quote(str(found))}")
    wanted = f"{GROUP}/v1"
    if review.get("apiVersion") != wanted or review.get("kind") != "AdmissionReview":
        group, _, version = str(review.get("apiVersion", "")).rpartition("/")
        got = f"{group}/{version}, Kind={review.get('kind', '')}"
        raise ReviewError(f"expected webhook response of {wanted}, Kind=AdmissionReview, got {got}")
    patch, patch_type = response.get("patch"), response.get("patchType")
    if not mutating:
        if patch:
            raise ReviewError("validating webhook may not return response.patch")
        if patch_type is not None:
            raise ReviewError("validating webhook may not return response.patchType")
        return
    if patch and patch_type is None:
        raise ReviewError("webhook returned response.patch but not response.patchType")
    if not patch and patch_type is not None:
        raise ReviewError("webhook returned response.patchType but not response.patch")
    if patch_type == "":
        raise ReviewError('webhook returned invalid response.patchType of ""')
