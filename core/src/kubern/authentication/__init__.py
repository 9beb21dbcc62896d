"""Who asks: authenticators, one per file, combined by `union.py` (upstream: apiserver/pkg/authentication)."""
