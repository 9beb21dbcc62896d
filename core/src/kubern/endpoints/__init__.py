"""From a parsed request to an answer (upstream: apiserver/pkg/endpoints).

`request_info.py` reads the path, `director.py` finds the route that `installer.py` made, with a `scope.py` for each
endpoint, and a file of `verbs/` serves it. `options.py` reads what clients may ask for, `negotiation.py` chooses the
representation, `responses.py` alone writes it; `conversion.py` and `table.py` make other forms of objects. Paths that are
no resources: `generic_paths.py`, `health.py`, `discovery/`, `openapi/`, `routers.py` for plugins'. Does not live here:
what happens to an object (`../registry/`).
"""
