"""The versions this server reports: of the Kubernetes API it serves, and its own."""

from __future__ import annotations

KUBERNETES_MAJOR = "1"
KUBERNETES_MINOR = "36"
KUBERNETES_VERSION = "v1.36.2"


def own_version() -> str:
    """The installed version of kubern-core."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("kubern-core")
    except PackageNotFoundError:
        return "0"
