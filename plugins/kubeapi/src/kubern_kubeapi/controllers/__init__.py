"""What kubeapi does by itself beside serving: objects every cluster has, kept as they should be.

Each module is one controller with an upstream name, started as a post-start hook by `hooks.py`. They write
only what differs, all at once at the first start. Imported by `server.py` only.
"""
