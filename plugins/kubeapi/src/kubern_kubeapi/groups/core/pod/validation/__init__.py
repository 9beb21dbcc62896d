"""The rules that make a pod valid, one module per part of it (upstream: core/validation/validation.go).

Start at `pod.py` for whole pods, `spec.py` for what pods and pod templates share.
"""
