"""The request as webhooks and expressions are told of it (upstream: CreateV1AdmissionReview, CreateAdmissionRequest)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern_kubeapi.admission.dynamic.rules import Resource, resource_of
from kubern_kubeapi.admission.dynamic.versions import Kind, requested_kind

if TYPE_CHECKING:
    from kubern.admission.interface import Attributes
    from kubern.request import User

Object = dict[str, Any]


def admission_request(attributes: Attributes, resource: Resource, kind: Kind) -> Object:
    """All of an AdmissionRequest but its uid and its objects."""
    out: Object = {"kind": kind._asdict(), "resource": resource._asdict()}
    if attributes.subresource:
        out["subResource"] = attributes.subresource
    out["requestKind"] = requested_kind(attributes)._asdict()
    out["requestResource"] = resource_of(attributes)._asdict()
    if attributes.subresource:
        out["requestSubResource"] = attributes.subresource
    if attributes.name:
        out["name"] = attributes.name
    if attributes.namespace:
        out["namespace"] = attributes.namespace
    out["operation"] = attributes.operation
    out["userInfo"] = user_info(attributes.user)
    out["dryRun"] = attributes.dry_run
    out["options"] = attributes.options or None
    return out


def user_info(user: User) -> Object:
    """A UserInfo."""
    out: Object = {}
    if user.name:
        out["username"] = user.name
    if user.uid:
        out["uid"] = user.uid
    if user.groups:
        out["groups"] = list(user.groups)
    if user.extra:
        out["extra"] = {key: list(values) for key, values in user.extra.items()}
    return out
