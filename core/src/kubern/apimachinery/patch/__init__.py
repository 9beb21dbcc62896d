"""Patches as pure functions: RFC 6902, RFC 7386 and Kubernetes' strategic merge.

Each module parses a request body once (`parse_*`) and applies the result as often as a write is retried
(`apply_*`). Neither the object nor the patch is ever changed; outcomes share what did not change with both.
Server-side apply is `kubern.apimachinery.managedfields`.
"""
