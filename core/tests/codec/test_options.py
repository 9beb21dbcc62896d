"""DeleteOptions as bodies."""

import pytest

from kubern.apimachinery.codec.document import JSON
from kubern.apimachinery.codec.options import decode_delete_options
from kubern.apimachinery.errors import StatusError


@pytest.mark.parametrize(
    ("body", "api_version"),
    [
        (b"null", "meta.k8s.io/v1"),
        (b'{"unknown": 1}', "meta.k8s.io/v1"),
        (b'{"apiVersion": "apps/v7", "kind": "DeleteOptions"}', "apps/v7"),
    ],
)
def test_any_version_will_do(body: bytes, api_version: str) -> None:
    """Clients send DeleteOptions of whatever group version; none means meta.k8s.io/v1."""
    assert decode_delete_options(body, JSON) == {"apiVersion": api_version, "kind": "DeleteOptions"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"kind": "ConfigMap"}', 'no kind "ConfigMap" is registered for version "meta.k8s.io/v1"'),
        (b'{"kind": "PatchOptions", "apiVersion": "v1"}', 'no kind "PatchOptions" is registered for version "v1"'),
        (b'{"kind": "PatchOptions"}', "converting (v1.PatchOptions) to (v1.DeleteOptions): unknown conversion"),
        (
            b'{"kind": "Status", "apiVersion": "a/v2"}',
            "converting (v1.Status) to (v1.DeleteOptions): unknown conversion",
        ),
        (b'{"gracePeriodSeconds": 1.5}', "cannot unmarshal number 1.5 into Go struct field DeleteOptions.gracePeriod"),
    ],
)
def test_what_is_refused(body: bytes, message: str) -> None:
    """Other kinds and values of other types, in the decoder's bare words."""
    with pytest.raises(StatusError) as caught:
        decode_delete_options(body, JSON)
    assert message in caught.value.message
