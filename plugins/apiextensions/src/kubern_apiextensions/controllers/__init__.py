"""What happens to a definition after it was stored: names accepted, established, judged, cleaned up, announced.

Each controller is a pure function on the definition plus a few lines that read and write.

- `naming.py` NamesAccepted, `establishing.py` Established
- `nonstructural.py`, `api_approval.py` conditions that judge
- `finalizer.py` deletes the objects of a definition that is deleted
- `queue.py` names to look at, `start.py` puts all to work

They write through the loopback client's status subresource, so that kube-apiserver owns what they write.
"""
