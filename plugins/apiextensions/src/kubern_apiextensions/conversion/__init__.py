"""Conversion of custom resources between versions (upstream: pkg/apiserver/conversion).

`none.py` only changes apiVersion; `webhook.py` asks somebody. `../registry/views.py` uses them.
"""
