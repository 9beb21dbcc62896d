"""The server's own metrics, with kube-apiserver's names.

- `server.py` all of one server's; `requests.py`, `authentication.py`, `storage.py` count and measure
- `numbers.py` what counting costs; `selection.py` what flags let /metrics show
"""

from kubern.metrics.server import ServerMetrics as ServerMetrics
