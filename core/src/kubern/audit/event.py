"""One request's audit event, filled while the request goes on (upstream: audit/request.go and AuditContext).

The members and their order are those of audit.k8s.io/v1 Event. Next: `auditor.py`.
"""

from __future__ import annotations

import gzip
import ipaddress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from kubern.audit.policy import Level, Recording

if TYPE_CHECKING:
    from kubern.apimachinery.errors import StatusError
    from kubern.authorization.interface import Attributes
    from kubern.request import RequestContext, User

Object = dict[str, Any]
MAX_USER_AGENT = 1024
MAX_STATUS_BODY = 64 * 1024
"""A longer answer is no Status."""
_STATUS_FIELDS = ("status", "message", "reason", "details", "code")
_FIRST = ("kind", "apiVersion", "metadata")
_REFERENCE = ("resource", "namespace", "name", "uid", "apiGroup", "apiVersion", "resourceVersion", "subresource")
_STATUS_START = b'{"kind":"Status"'


def micro_time(at: float) -> str:
    """A time as metav1.MicroTime prints it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class AuditEvent:
    """What is known so far; `ctx.audit` of a request that is recorded."""

    def __init__(
        self, ctx: RequestContext, attributes: Attributes | None, recording: Recording, uri: str, received: float
    ) -> None:
        self.recording = recording
        self._ctx = ctx
        self._attributes = attributes
        self._uri = uri
        self._received = micro_time(received)
        self._reference: Object | None = _object_reference(attributes)
        self._request: bytes | None = None
        self._response: bytes | None = None
        self._status: Object | None = None

    @property
    def wants_response(self) -> bool:
        """Whether the whole answer is recorded."""
        return self.recording.level >= Level.RequestResponse

    @property
    def keeps_request(self) -> bool:
        """Whether the request's object is recorded."""
        return self.recording.level >= Level.Request

    # ---------------------------------------------------------------- what happens

    def set_request_object(self, obj: Object) -> None:
        """The decoded and defaulted body."""
        reference = self._reference = self._reference or {}
        meta = obj.get("metadata") or {}
        for name in ("namespace", "name", "uid", "resourceVersion"):
            if not reference.get(name) and meta.get(name):
                reference[name] = meta[name]
        if self.keeps_request:
            self._request = self._encode(obj)

    def set_request_patch(self, patch: bytes) -> None:
        """A patch, as it came when it is JSON."""
        if not self.keeps_request:
            return
        try:
            orjson.loads(patch)
            self._request = patch
        except orjson.JSONDecodeError:
            self._request = orjson.dumps(patch.decode("utf-8", "replace"))

    def set_response(self, code: int, content_type: str, encoding: str, body: bytes) -> None:
        """The answer: its code, and its content as far as it is recorded."""
        self._status = {"metadata": {}}
        obj = self._answer(content_type, encoding, body)
        if isinstance(obj, dict):
            if obj.get("kind") == "Status" and obj.get("apiVersion") == "v1":
                self._status |= {key: obj[key] for key in _STATUS_FIELDS if key in obj}
            if self.wants_response:
                self._response = self._encode(obj)
        self._status["code"] = code

    def set_refusal(self, error: StatusError) -> None:
        """The answer, a Status that is about to be written."""
        status = error.status()
        self._status = {"metadata": {}, **{key: status[key] for key in _STATUS_FIELDS if key in status}}
        if self.wants_response:
            self._response = self._encode(status)

    def set_status(self, **status: Any) -> None:
        """The answer when there is nothing else to say of it."""
        self._status = {"metadata": {}, **status}

    @property
    def has_status(self) -> bool:
        return self._status is not None

    def _answer(self, content_type: str, encoding: str, body: bytes) -> Any:
        if not body or (not self.wants_response and not _may_be_status(body)):
            return None
        try:
            if encoding == "gzip":
                body = gzip.decompress(body)
            if content_type.startswith("application/json"):
                return orjson.loads(body)
            if content_type.startswith("application/yaml"):
                from kubern.apimachinery.yaml import load_yaml

                return load_yaml(body)[0]
            if content_type.startswith("application/vnd.kubernetes.protobuf"):
                from kubern.apimachinery.protobuf import envelope

                return envelope.decode(body)
        except (ValueError, OSError):
            return None
        return None

    def _encode(self, obj: Object) -> bytes:
        if self.recording.omit_managed_fields:
            obj = _without_managed_fields(obj)
        return orjson.dumps({**{key: obj[key] for key in _FIRST if key in obj}, **obj})

    # ---------------------------------------------------------------- the record

    def render(self, stage: str, at: float) -> Object:
        """The event at a stage; request and response objects are fragments of JSON."""
        ctx, attributes = self._ctx, self._attributes
        event: Object = {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": self.recording.level.text,
            "auditID": ctx.audit_id,
            "stage": stage,
            "requestURI": self._uri,
            "verb": attributes.verb if attributes is not None else ctx.info.verb,
            "user": user_info(ctx.user) if attributes is not None else {},
        }
        if ctx.impersonated is not None:
            event["impersonatedUser"] = user_info(ctx.impersonated)
        if ctx.impersonation_constraint:
            event["authenticationMetadata"] = {"impersonationConstraint": ctx.impersonation_constraint}
        event["sourceIPs"] = source_ips(ctx)
        agent = ctx.headers.get("user-agent", "")
        if agent:
            event["userAgent"] = agent if len(agent) <= MAX_USER_AGENT else agent[:MAX_USER_AGENT] + "...TRUNCATED"
        if self._reference:
            event["objectRef"] = {key: self._reference[key] for key in _REFERENCE if self._reference.get(key)}
        if self._status is not None:
            event["responseStatus"] = self._status
        if self._request is not None:
            event["requestObject"] = orjson.Fragment(self._request)
        if self._response is not None:
            event["responseObject"] = orjson.Fragment(self._response)
        event["requestReceivedTimestamp"] = self._received
        event["stageTimestamp"] = micro_time(at)
        if ctx.audit_annotations:
            event["annotations"] = dict(sorted(ctx.audit_annotations.items()))
        return event


def _may_be_status(body: bytes) -> bool:
    return len(body) <= MAX_STATUS_BODY and (body.startswith((_STATUS_START, b"k8s\x00")) or b"Status" in body[:64])


def _object_reference(attributes: Attributes | None) -> Object | None:
    if attributes is None or not attributes.resource_request:
        return None
    found = {
        "resource": attributes.resource,
        "namespace": attributes.namespace,
        "name": attributes.name,
        "apiGroup": attributes.api_group,
        "apiVersion": attributes.api_version,
        "subresource": attributes.subresource,
    }
    return {key: value for key, value in found.items() if value}


def user_info(user: User) -> Object:
    """authentication.k8s.io/v1 UserInfo."""
    extra = {key: list(values) for key, values in sorted(user.extra.items())}
    found = {"username": user.name, "uid": user.uid, "groups": list(user.groups), "extra": extra}
    return {key: value for key, value in found.items() if value}


def source_ips(ctx: RequestContext) -> list[str]:
    """Where a request comes from: what proxies say, and the peer itself (upstream: utilnet.SourceIPs)."""
    found = [ip for ip in map(_address, ctx.headers.get("x-forwarded-for", "").split(",")) if ip]
    real = _address(ctx.headers.get("x-real-ip", ""))
    if real and real not in found:
        found.append(real)
    peer = _address(ctx.remote_address)
    if peer and (not found or found[-1] != peer):
        found.append(peer)
    return found


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return ""


def _without_managed_fields(obj: Object) -> Object:
    out = dict(obj)
    if isinstance(obj.get("metadata"), dict):
        out["metadata"] = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    if isinstance(obj.get("items"), list):
        out["items"] = [_without_managed_fields(item) if isinstance(item, dict) else item for item in obj["items"]]
    return out
