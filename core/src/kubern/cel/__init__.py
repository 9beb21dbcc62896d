"""kubern.cel: the Common Expression Language as Kubernetes 1.36 speaks it.

Lives here: parser, type checker, compiler to closures, cost limits and the function libraries.
Does not live here: anything about HTTP, storage or a particular consumer (custom resource rules, admission
policies, authentication mappings); they build an `Env` and evaluate a `Program`.
Anybody may import it, lazily: nothing here is needed to start a server.

The way through: `env.py` (the public door) -> `parser/parser.py` -> `checker/checker.py` -> `compile/` -> `program.py`;
`kubernetes.py` holds the base environment and the limits of kube-apiserver.
"""
