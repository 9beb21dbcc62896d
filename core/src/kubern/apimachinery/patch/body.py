"""What the patch kinds share: reading the body, and the answers to patches that cannot be applied.

Next: `json_patch.py`, `merge_patch.py`, `strategic/`.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.codec.json import may_have_duplicates
from kubern.apimachinery.errors import StatusError, bad_request
from kubern.util import gojson

MAP_TYPE = "map[string]interface {}"


def decode_body(body: bytes, prefix: str = "") -> Any:
    """The JSON value in a patch body. Raises StatusError 400; `prefix` precedes the decoder's words."""
    try:
        return gojson.decode(body)
    except gojson.JSONSyntaxError as error:
        raise bad_request(f"{prefix}{error}") from None


def cannot_unmarshal(value: Any, go_type: str, prefix: str = "") -> StatusError:
    """400 for a body of the wrong JSON type."""
    return bad_request(f"{prefix}json: cannot unmarshal {gojson.type_name(value)} into Go value of type {go_type}")


def duplicate_errors(body: bytes, value: Any) -> list[str]:
    """Strict decoding's complaints about keys given twice in `body`, whose parsed value is given as well."""
    try:
        if not may_have_duplicates(body, value):
            return []
    except TypeError:  # nested too deeply to be written, which is said elsewhere
        pass
    return [f'duplicate field "{path}"' for path in gojson.duplicate_fields(body)]


def unprocessable() -> StatusError:
    """422 for a well-formed patch that does not fit the object; upstream gives no detail."""
    return StatusError(422, "Invalid", "the server rejected our request due to an error in our request", {})
