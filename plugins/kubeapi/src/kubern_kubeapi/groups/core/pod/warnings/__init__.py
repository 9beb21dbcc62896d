"""What is worth a warning in a pod that is valid (upstream: pkg/api/pod/warnings.go). Start at `spec.py`."""
