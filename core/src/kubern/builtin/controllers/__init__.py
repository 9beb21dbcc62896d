"""Controllers that a bare API server does not have, switched on by --controllers: what makes deletions complete.

- `namespace.py` empties terminating namespaces and lets them go
- `garbage_collector.py` follows owner references
"""
