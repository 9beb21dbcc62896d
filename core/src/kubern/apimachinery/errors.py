"""StatusError, the one error family that becomes an HTTP answer, and its factories.

    StorageError (storage/errors.py) --registry/errors.py--> StatusError --endpoints/responses.py--> HTTP

Messages and details equal upstream's (apimachinery/pkg/api/errors). Next: `endpoints/responses.py`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kubern.apimachinery import field


class GroupResource(NamedTuple):
    """A resource within its API group; prints as `deployments.apps`, core ones as `pods`."""

    group: str
    resource: str

    def __str__(self) -> str:
        return f"{self.resource}.{self.group}" if self.group else self.resource


class GroupKind(NamedTuple):
    """A kind within its API group; prints as `Deployment.apps`, core ones as `Pod`."""

    group: str
    kind: str

    def __str__(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind


class StatusError(Exception):
    """An answer of kind Status with status Failure.

    `details` follows metav1.StatusDetails (name, group, kind, uid, causes, retryAfterSeconds).
    """

    def __init__(self, code: int, reason: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.list_continue = ""
        """A continue token to go on with, in the Status' own metadata."""

    def status(self) -> dict[str, Any]:
        """The Status object."""
        out: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {"continue": self.list_continue} if self.list_continue else {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            out["reason"] = self.reason
        if self.details is not None:
            out["details"] = self.details
        out["code"] = self.code
        return out

    @property
    def retry_after(self) -> int:
        """Seconds to name in Retry-After, 0 for none."""
        return int((self.details or {}).get("retryAfterSeconds", 0))


def _details(gr: GroupResource, name: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if name:
        out["name"] = name
    if gr.group:
        out["group"] = gr.group
    out["kind"] = gr.resource
    return out


def not_found(gr: GroupResource, name: str) -> StatusError:
    return StatusError(404, "NotFound", f"{gr} {field.render_value(name)} not found", _details(gr, name))


def already_exists(gr: GroupResource, name: str) -> StatusError:
    return StatusError(409, "AlreadyExists", f"{gr} {field.render_value(name)} already exists", _details(gr, name))


def generate_name_conflict(gr: GroupResource, name: str, retry_after: int) -> StatusError:
    message = f"{gr} {field.render_value(name)} already exists, the server was not able to generate a unique name for the object"
    details = _details(gr, name)
    details["retryAfterSeconds"] = retry_after
    return StatusError(409, "AlreadyExists", message, details)


def conflict(gr: GroupResource, name: str, message: str) -> StatusError:
    text = f"Operation cannot be fulfilled on {gr} {field.render_value(name)}: {message}"
    return StatusError(409, "Conflict", text, _details(gr, name))


def apply_conflict(causes: list[dict[str, str]], message: str) -> StatusError:
    return StatusError(409, "Conflict", message, {"causes": causes})


def gone(message: str) -> StatusError:
    return StatusError(410, "Gone", message)


def resource_expired(message: str) -> StatusError:
    return StatusError(410, "Expired", message)


def bad_request(message: str) -> StatusError:
    return StatusError(400, "BadRequest", message)


def unauthorized(message: str = "Unauthorized") -> StatusError:
    return StatusError(401, "Unauthorized", message)


def forbidden(gr: GroupResource, name: str, message: str) -> StatusError:
    if not gr.resource and not gr.group:
        return StatusError(403, "Forbidden", f"forbidden: {message}", {})
    text = f"{gr} is forbidden: {message}" if not name else f"{gr} {field.render_value(name)} is forbidden: {message}"
    return StatusError(403, "Forbidden", text, _details(gr, name))


def invalid(gk: GroupKind, name: str, errors: field.ErrorList) -> StatusError:
    """422 with one cause per error."""
    details: dict[str, Any] = {}
    if name:
        details["name"] = name
    if gk.group:
        details["group"] = gk.group
    if gk.kind:
        details["kind"] = gk.kind
    causes = []
    for error in errors:
        cause = {"reason": error.type.reason, "message": error.body()}
        if error.field:
            cause["field"] = error.field
        causes.append(cause)
    details["causes"] = causes
    message = f"{gk} {field.render_value(name)} is invalid"
    if errors:
        message += ": " + field.aggregate_message(errors)
    return StatusError(422, "Invalid", message, details)


def method_not_supported(gr: GroupResource, action: str) -> StatusError:
    details = _details(gr, "")
    return StatusError(
        405,
        "MethodNotAllowed",
        f"{action} is not supported on resources of kind {field.render_value(str(gr))}",
        details,
    )


def not_acceptable(accepted: list[str]) -> StatusError:
    message = "only the following media types are accepted: " + ", ".join(accepted)
    return StatusError(406, "NotAcceptable", message)


def unsupported_media_type(accepted: list[str]) -> StatusError:
    message = "the body of the request was in an unknown format - accepted media types include: " + ", ".join(accepted)
    return StatusError(415, "UnsupportedMediaType", message)


def request_entity_too_large(message: str) -> StatusError:
    return StatusError(413, "RequestEntityTooLarge", f"Request entity too large: {message}")


def too_many_requests(message: str, retry_after: int) -> StatusError:
    details = {"retryAfterSeconds": retry_after} if retry_after else {}
    return StatusError(429, "TooManyRequests", message, details)


def timeout(message: str, retry_after: int = 0) -> StatusError:
    details: dict[str, Any] = {"retryAfterSeconds": retry_after} if retry_after else {}
    return StatusError(504, "Timeout", f"Timeout: {message}", details)


def internal_error(error: Exception | str) -> StatusError:
    return StatusError(500, "InternalError", f"Internal error occurred: {error}", {"causes": [{"message": str(error)}]})


def service_unavailable(message: str) -> StatusError:
    return StatusError(503, "ServiceUnavailable", message)
