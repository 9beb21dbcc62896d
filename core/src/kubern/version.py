"""What the server says it is: the Kubernetes version whose behaviour it has, and its own."""

from __future__ import annotations

import platform
import sys
from importlib import metadata

KUBERNETES_MAJOR, KUBERNETES_MINOR, KUBERNETES_PATCH = "1", "36", "2"
KUBERNETES_VERSION = f"v{KUBERNETES_MAJOR}.{KUBERNETES_MINOR}.{KUBERNETES_PATCH}"
MIN_COMPATIBILITY_MINOR = "35"
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "AMD64": "amd64"}


def kubern_version() -> str:
    """The version of the installed kubern-core distribution."""
    return metadata.version("kubern-core")


def version_info() -> dict[str, str]:
    """The body of /version (upstream: version.Info)."""
    machine = platform.machine()
    return {
        "major": KUBERNETES_MAJOR,
        "minor": KUBERNETES_MINOR,
        "emulationMajor": KUBERNETES_MAJOR,
        "emulationMinor": KUBERNETES_MINOR,
        "minCompatibilityMajor": KUBERNETES_MAJOR,
        "minCompatibilityMinor": MIN_COMPATIBILITY_MINOR,
        "gitVersion": KUBERNETES_VERSION,
        "gitCommit": f"kubern-{kubern_version()}",
        "gitTreeState": "",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": f"python{platform.python_version()}",
        "compiler": sys.implementation.name,
        "platform": f"{sys.platform}/{_MACHINES.get(machine, machine)}",
    }
