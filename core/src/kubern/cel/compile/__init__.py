"""From a checked tree to closures: one Python function per node, specialised by the types the checker found.

Every closure takes the frame of the evaluation (`frame.py`) and gives a value or raises `CelError`. Costs
that are known beforehand are added up here and charged once per branch or iteration.
Start with `compiler.py`; `logic.py`, `access.py`, `operators.py`, `calls.py`, `literals.py` and
`comprehensions.py` hold the node kinds.
"""
