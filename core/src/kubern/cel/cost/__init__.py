"""What expressions cost: estimated before they run, counted while they run.

`sizes.py` has the shared factors, `estimate.py` ranges of costs, `estimator.py` the walk over a checked tree,
`calls.py` and `kubernetes_calls.py` the functions, `schema_sizes.py` sizes from declared types.
"""
