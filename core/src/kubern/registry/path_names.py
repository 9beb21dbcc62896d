"""Names as parts of paths and storage keys (upstream: apimachinery/pkg/api/validation/path). Next: `store.py`."""

from __future__ import annotations

from kubern.apimachinery.errors import bad_request
from kubern.util.goquote import go_quote


def check_path_name(name: str) -> None:
    """Raises StatusError 400 for a name that no path can have."""
    if not name:
        raise bad_request("Name parameter required.")
    if name in (".", ".."):
        problem = f"may not be '{name}'"
    elif "/" in name or "%" in name:
        problem = ";".join(f"may not contain '{char}'" for char in "/%" if char in name)
    else:
        return
    raise bad_request(f"Name parameter invalid: {go_quote(name)}: {problem}")
