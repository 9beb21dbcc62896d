"""The function libraries, one per file: declarations, implementations and run-time costs.

`base.py` is the language's own; the others are cel-go extensions and Kubernetes' libraries. Each module has
a function that builds its `Library`, called once per base environment.
"""
