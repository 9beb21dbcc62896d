"""Values against a schema: types, bounds, patterns, formats, enums, required fields and the logic over them.

Lives here: what kube-openapi's validate package does, with its messages in its order. `checks.py` compiles a
schema to functions that only say yes or no; `errors.py` is asked when one says no, walks schema and value
together and finds everything that is wrong. Does not live here: x-kubernetes rules (`listtypes.py`, `rules.py`).
"""
