"""The base environment of kube-apiserver 1.36 and its limits (apiserver's cel/environment and apis/cel).

    env = base_env().extend(variables={"object": types.DYN})

Consumers build one base environment and extend it; building takes a few milliseconds.
Next: `env.py`, `library/`.
"""

from __future__ import annotations

from functools import lru_cache

from kubern.cel.env import Env
from kubern.cel.library.base import base_library
from kubern.cel.library.optionals import optionals_library
from kubern.cel.library.strings import strings_library
from kubern.cel.library.two_variables import two_variables_library

# The cost of one call of an expression.
PER_CALL_LIMIT = 1_000_000
# The cost of all calls for one object.
RUNTIME_COST_BUDGET = 10_000_000
# The cost of all match conditions of one policy or webhook.
RUNTIME_COST_BUDGET_MATCH_CONDITIONS = 2_500_000
# The estimated cost of one expression of a CustomResourceDefinition, and of all of one schema.
STATIC_ESTIMATED_COST_LIMIT = 10_000_000
STATIC_ESTIMATED_CRD_COST_LIMIT = 100_000_000


@lru_cache(maxsize=1)
def base_env() -> Env:
    """The environment that every expression of Kubernetes starts from; it has no variables."""
    return Env(
        (
            base_library(),
            optionals_library(),
            strings_library(version=2),
            two_variables_library(),
        )
    )
