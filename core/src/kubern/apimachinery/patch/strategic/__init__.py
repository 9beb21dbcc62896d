"""Strategic merge patch: a merge patch that knows which lists merge by key, and directives in `$` keys.

Upstream: apimachinery/pkg/util/strategicpatch, the half that applies. Read `patch.py` (the door), `merge.py` (maps),
`lists.py`, `order.py` ($setElementOrder and the order of merged lists), `metadata.py` (what the schema says).
"""

from kubern.apimachinery.patch.strategic.patch import (
    StrategicPatch,
    apply_strategic_patch,
    parse_strategic_patch,
)

__all__ = ["StrategicPatch", "apply_strategic_patch", "parse_strategic_patch"]
