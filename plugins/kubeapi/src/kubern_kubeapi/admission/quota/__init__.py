"""The ResourceQuota plugin: what a namespace may use in total (upstream: apiserver admission/plugin/resourcequota).

`plugin.py` queues requests per namespace, `check.py` compares a request with the quotas, `evaluators.py`, `pods.py` and
`claims.py` know what an object uses and which scopes it is in, `usage.py` calculates.
"""
