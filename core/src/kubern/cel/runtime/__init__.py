"""Values while an expression runs, and what can be done with them: `values.py` says which Python types they are.

Imported by `../compile/` and `../library/`; knows nothing of trees. Upstream: cel-go's common/types.
"""
