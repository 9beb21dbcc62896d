"""Order of API version names: v2, v1, v1beta2, v1alpha1, then all others by the alphabet.

Upstream: apimachinery/pkg/version.CompareKubeAwareVersionStrings.
"""

from __future__ import annotations

import re
from typing import Final

_KUBE_VERSION: Final = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?", re.ASCII)
_STABILITY: Final = {None: 0, "beta": 1, "alpha": 2}


def preference(version: str) -> tuple[int, int, int, int, str]:
    """A sort key: the most stable and newest version is the smallest."""
    match = _KUBE_VERSION.fullmatch(version)
    if match is None:
        return (1, 0, 0, 0, version)
    major, stability, minor = match.groups()
    return (0, _STABILITY[stability], -int(major), -int(minor or 0), "")
