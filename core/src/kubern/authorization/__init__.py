"""Who may: authorizers, one per file, combined by `union.py` (upstream: apiserver/pkg/authorization)."""
