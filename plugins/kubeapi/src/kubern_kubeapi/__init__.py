"""The kubeapi member: every kind that Kubernetes 1.36 serves, one module per kind under `groups/`."""
