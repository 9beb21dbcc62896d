"""UIDs are random UUIDs."""

from __future__ import annotations

import uuid

from kubern.util.uid import new_uid


def test_a_uid_is_a_random_uuid_of_its_own() -> None:
    """Version 4, the variant of RFC 9562, printed as the standard library prints it, never twice the same."""
    uids = [new_uid() for _ in range(1000)]
    assert len(set(uids)) == 1000
    for uid in uids:
        parsed = uuid.UUID(uid)
        assert (parsed.version, parsed.variant, str(parsed)) == (4, uuid.RFC_4122, uid)
