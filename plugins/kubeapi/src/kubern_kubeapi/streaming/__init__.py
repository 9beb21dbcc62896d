"""Requests that end at a kubelet, a pod, a service or a node: logs, exec, attach, port forwarding, proxies.

Start with `log.py` for a plain one, `sessions.py` for those that leave HTTP, `proxies.py` for the rest.
"""
