"""Definitions and custom resources as resources of the generic store.

Lives here: strategies, columns, and the view of a resource in one of its versions. Does not live here: when a
resource is installed (`handlers/`) and the kind's own rules (`api/`). Imported by `handlers/` and `controllers/`.

Start at `definition.py` for custom resources, `crd.py` for definitions.
"""
