"""Where objects live: the store interface, its backends, and the watch cache every read goes through.

- `interface.py` what a backend offers (a revisioned key-value store, the part of etcd that Kubernetes uses);
- `errors.py` what it raises; translated into API statuses by the registry, nowhere else;
- `memory.py`, `sqlite/`, `etcd3/` the backends;
- `cacher/` the watch cache, one per resource, on top of any of them.

The registry is the only caller. Nothing here knows HTTP, kinds or versions. Next: `interface.py`.
"""
