"""The batch group: one module per kind; `group.py` puts them together."""
