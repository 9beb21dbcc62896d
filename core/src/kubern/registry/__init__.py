"""The generic registry: one store for every resource, steered by a Strategy per kind (upstream: apiserver/pkg/registry).

`store.py` writes and `reading.py` reads; `strategy.py` is what a kind may say; `before.py` and `deletion.py` happen to
every object. `errors.py` is the border above which nobody sees an error of the storage. Whoever writes past the strategy,
as controllers do, uses `guaranteed_update.py`.
"""
