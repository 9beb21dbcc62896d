"""Kubernetes objects as protobuf (application/vnd.kubernetes.protobuf), to and from plain dicts.

- `envelope.py` whole objects: `decode`, `encode`, `is_protobuf`; start here
- `messages.py` what fields a message has, compiled on first use from `fields.txt` (made by a script)
- `decoder.py`, `encoder.py` one message; `wire.py` the wire format; `wellknown.py` types whose JSON is special

Used for values that a real kube-apiserver stored and for clients that speak protobuf. Built-in kinds only, as
upstream: custom resources have no protobuf form. No protobuf library is needed.
"""
