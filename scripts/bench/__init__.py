"""`make bench`: a load generator over TLS against a running server, beside a bare ASGI application as yardstick.

- `__main__.py` which cases run, in which order, and the table they end in; start here
- `definitions.py` 500 CustomResourceDefinitions
- `cases.py` the cases; `client.py` the HTTP client they use; `servers.py` the servers under test; `raw_app.py` the yardstick
"""
