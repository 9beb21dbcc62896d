"""User names that say what a user is: service accounts and nodes (upstream: authentication/serviceaccount/util.go)."""

from __future__ import annotations

from kubern.apimachinery.names import is_dns1123_label, is_dns1123_subdomain

SERVICE_ACCOUNT_PREFIX = "system:serviceaccount:"
SERVICE_ACCOUNTS_GROUP = "system:serviceaccounts"
NODE_PREFIX = "system:node:"
NODES_GROUP = "system:nodes"
NODE_NAME_KEY = "authentication.kubernetes.io/node-name"


def service_account_username(namespace: str, name: str) -> str:
    """A service account's user name."""
    return f"{SERVICE_ACCOUNT_PREFIX}{namespace}:{name}"


def service_account_groups(namespace: str) -> tuple[str, ...]:
    """The groups of all service accounts of a namespace."""
    return (SERVICE_ACCOUNTS_GROUP, f"{SERVICE_ACCOUNTS_GROUP}:{namespace}")


def split_service_account(username: str) -> tuple[str, str] | None:
    """(namespace, name) of a service account's user name, None when it is none."""
    if not username.startswith(SERVICE_ACCOUNT_PREFIX):
        return None
    parts = username.removeprefix(SERVICE_ACCOUNT_PREFIX).split(":")
    if len(parts) != 2 or is_dns1123_label(parts[0]) or is_dns1123_subdomain(parts[1]):
        return None
    return parts[0], parts[1]


def node_name_of(username: str) -> str:
    """The node that a user name belongs to, "" when it is no node's."""
    if not username.startswith(NODE_PREFIX):
        return ""
    name = username.removeprefix(NODE_PREFIX)
    return "" if is_dns1123_subdomain(name) else name
