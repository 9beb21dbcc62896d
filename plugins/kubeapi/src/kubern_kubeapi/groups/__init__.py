"""The built-in API groups: one package per group, one module per kind; `all.py` lists them."""
