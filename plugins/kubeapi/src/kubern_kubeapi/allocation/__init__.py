"""Cluster IPs and node ports for services: who has which, handed out when a service is written.

`hooks.py` is the entry: it runs around the writes of services. Upstream: pkg/registry/core/service, its storage,
ipallocator and portallocator. Imported by `server.py` and `controllers/`; the kinds' own rules live in `groups/`.
"""
