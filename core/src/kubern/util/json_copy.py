"""Deep copies of JSON values: through bytes, which is several times faster than `copy.deepcopy`."""

from __future__ import annotations

from typing import TypeVar

import orjson

T = TypeVar("T")


def json_copy(value: T) -> T:
    """A copy that shares nothing that can be changed; `value` holds JSON types only."""
    return orjson.loads(orjson.dumps(value))  # type: ignore[no-any-return]
