"""Calls to other servers: HTTP connections, kubeconfig files, webhooks, relayed upgrades. Knows no registry and no storage."""
