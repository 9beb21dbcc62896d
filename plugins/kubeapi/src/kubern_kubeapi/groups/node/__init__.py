"""The node.k8s.io group: one module per kind; `group.py` puts them together."""
