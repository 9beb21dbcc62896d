"""Where storage's errors become Status errors; nobody above the registry sees a StorageError.

Upstream: registry/generic/registry's interpretation of storage errors (apiserver/pkg/storage/errors).
"""

from __future__ import annotations

from kubern.apimachinery.errors import GroupResource, StatusError, conflict, internal_error, resource_expired
from kubern.storage import errors as storage

OPTIMISTIC_LOCK_ERROR = "the object has been modified; please apply your changes to the latest version and try again"
TOO_LARGE_RETRY_SECONDS = 1


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
    if isinstance(error, storage.Conflict):
        return conflict(gr, name, OPTIMISTIC_LOCK_ERROR)
    if isinstance(error, storage.Compacted):
        return resource_expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new "
            "list without the continue parameter, or use the continue token in this response to retrieve the "
            "remainder of the results."
        )
    if isinstance(error, storage.Unavailable):
        return StatusError(503, "ServiceUnavailable", str(error))
    return internal_error(error)
