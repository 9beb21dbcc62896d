"""The server's own metrics, with kube-apiserver's names.

- `requests.py` counts and times requests; `storage.py` counts objects and measures the database
- `selection.py` what flags let /metrics show of them
"""

from kubern.metrics.requests import RequestMetrics as RequestMetrics
