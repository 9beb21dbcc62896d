"""Structural schemas at work: what happens to a custom resource's fields.

Lives here: compiling a version's OpenAPI v3 schema into functions that prune, default and check values.
Does not live here: whether a schema itself is acceptable (`api/validation/`). Imported by `api/` (defaults in a
schema must pass their own schema) and `registry/`.

The way through: `structural.py` (words for raw schemas) -> `walker.py` (prune, drop nulls, default in one pass)
-> `validation/` (values against the schema) -> `listtypes.py`, `objectmeta.py`, `rules.py` (x-kubernetes-*).
"""
