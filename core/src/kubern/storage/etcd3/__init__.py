"""The distributed store: etcd's v3 API over grpc.aio, with a client of our own; extra `kubern-core[etcd]`.

- `messages.py` the message classes, from `etcd.pb` (made from `etcd.proto` by a script), in a private pool
- `channels.py` connections to the endpoints, TLS, failover, and etcd's errors as ours
- `store.py` the store; `watch.py` its watches, resumed after lost connections; `compactor.py` compaction

The only importer of grpc and protobuf, and only when an etcd store is opened. Same keys as kube-apiserver
(`/registry/...`), so both can share a cluster.
"""
