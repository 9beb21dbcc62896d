"""The authorization modes that need the kubeapi kinds: RBAC and Node, and their reviews' storages."""
