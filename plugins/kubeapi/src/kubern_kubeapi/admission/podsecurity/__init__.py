"""The PodSecurity plugin: Pod Security Standards per namespace (upstream: k8s.io/pod-security-admission).

`plugin.py` asks, `policy.py` reads namespaces' labels, `evaluator.py` knows which check holds in which version,
`baseline.py` and `restricted.py` are the checks.
"""
