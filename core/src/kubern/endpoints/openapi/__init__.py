"""OpenAPI documents of what a chain serves, built on demand from the resources' declarations.

`operations.py` lists a resource's operations, `v3.py` and `v2.py` write them down, `schemas.py` adds the definitions
they use, `service.py` keeps the documents and answers for them.
"""
