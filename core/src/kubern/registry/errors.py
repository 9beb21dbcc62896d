"""Where storage's errors become Status errors; nobody above the registry sees a StorageError.

Upstream: registry/generic/registry's interpretation of storage errors (apiserver/pkg/storage/errors).
"""

from __future__ import annotations

from kubern.apimachinery.errors import (
    GroupResource,
    StatusError,
    bad_request,
    conflict,
    internal_error,
    resource_expired,
)
from kubern.storage import errors as storage

OPTIMISTIC_LOCK_ERROR = "the object has been modified; please apply your changes to the latest version and try again"
TOO_LARGE_RETRY_SECONDS = 1
_COMPACTED = "The resourceVersion for the provided list is too old."
_EXPIRED_CONTINUE = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


def plain_error(message: str) -> StatusError:
    """A Go error that reached the client as it is: 500 without a reason."""
    return StatusError(500, "", message)


def too_large_resource_version(requested: int, current: int) -> StatusError:
    details = {
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": TOO_LARGE_RETRY_SECONDS,
    }
    message = f"Timeout: Too large resource version: {requested}, current: {current}"
    return StatusError(504, "Timeout", message, details)


def interpret(error: storage.StorageError, gr: GroupResource, name: str) -> StatusError:
    """The Status for a storage error met while serving `gr`/`name`."""
    match error:
        case storage.Conflict():
            return conflict(gr, name, OPTIMISTIC_LOCK_ERROR)
        case storage.TooLargeResourceVersion():
            return too_large_resource_version(error.requested, error.current)
        case storage.TooOldResourceVersion():
            return resource_expired(str(error))
        case storage.InvalidResourceVersion() | storage.ValueTooLarge():
            return plain_error(str(error))
        case storage.Compacted():
            return resource_expired(_COMPACTED)
        case storage.NotReady():
            return StatusError(429, "TooManyRequests", str(error), {"retryAfterSeconds": 1})
        case storage.Unavailable():
            return StatusError(503, "ServiceUnavailable", str(error))
    return internal_error(error)


def interpret_list(error: storage.StorageError, gr: GroupResource) -> StatusError:
    """As `interpret`, for the errors that only lists have or word otherwise."""
    match error:
        case storage.InvalidContinue():
            return bad_request(f"invalid continue token: {error}")
        case storage.InvalidResourceVersion():
            return bad_request(f"invalid resource version: {error}")
        case storage.ExpiredContinue():
            expired = resource_expired(_EXPIRED_CONTINUE)
            expired.list_continue = error.inconsistent_token
            return expired
    return interpret(error, gr, "")
