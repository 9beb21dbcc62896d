"""What the server shows of itself to webhooks: users of a kubeconfig named after the webhook's host.

Upstream: apiserver/pkg/util/webhook/authentication.go. The file is named in --admission-control-config-file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.configuration import configuration_directory, plugin_configuration
from kubern.lifecycle import StartError
from kubern.remote.kubeconfig import Endpoint, KubeconfigError, user_endpoint

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

HTTPS_PORT = "443"


class Credentials:
    """Finds the user for a host and port."""

    def __init__(self, users: dict[str, Endpoint], current: Endpoint | None = None) -> None:
        self._users = users
        self._current = current

    def of(self, host: str, port: int) -> Endpoint | None:
        """The most specific entry: host:port, *.domain:port, then without the default port, then `*`."""
        names = [f"{host}:{port}"]
        if str(port) == HTTPS_PORT:
            names.append(host)
        for name in names:
            steps = name.split(".")
            for candidate in (name, *(f"*.{'.'.join(steps[i:])}" for i in range(1, len(steps)))):
                if candidate in self._users:
                    return self._users[candidate]
        return self._users.get("*", self._current)


def load_credentials(config: CompletedConfig, plugin: str) -> Credentials:
    """The credentials that a webhook plugin's configuration names; none without it. Raises StartError."""
    document = plugin_configuration(config, plugin)
    file = (document or {}).get("kubeConfigFile")
    if not file:
        return Credentials({})
    from kubern.apimachinery.yaml import load_yaml

    path = configuration_directory(config) / file
    try:
        kubeconfig: dict[str, Any] = load_yaml(path.read_bytes())[0]
        users = {u["name"]: user_endpoint(u.get("user") or {}, path.parent) for u in kubeconfig.get("users") or ()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, KubeconfigError) as error:
        raise StartError(f"{plugin}: kubeConfigFile {path}: {error}") from error
    contexts = {c.get("name"): c.get("context") or {} for c in kubeconfig.get("contexts") or ()}
    current = contexts.get(kubeconfig.get("current-context"), {}).get("user", "")
    return Credentials(users, users.get(current))
