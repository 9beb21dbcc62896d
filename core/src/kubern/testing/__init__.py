"""What tests of kubern and of its plugins share; needs pytest, imported by nothing else in `kubern`.

- `servers.py` running servers, in this process or one of their own; `fixtures.py` the same as pytest fixtures;
- `webhooks.py` an admission webhook to call
- `etcd_server.py` a real etcd; `storage_contract.py` the behaviour every storage backend must show.
"""
