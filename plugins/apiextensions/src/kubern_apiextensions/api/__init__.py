"""The CustomResourceDefinition kind itself: its form, defaults and validation.

Lives here: everything about a definition as an object (upstream: pkg/apis/apiextensions). Does not live here:
what a definition does once it is stored (`registry/`, `handlers/`, `controllers/`).

The way through: `crd.py` (words for definitions) -> `defaults.py` and `schemaprops.py` (what a request's body
becomes) -> `hub.py` (the form validation speaks of) -> `validation/`.
"""
