"""From text to a syntax tree, for texts that are right; `../syntax/` explains those that are not.

`lexer.py` -> `parser.py`, which expands `macros.py` and reads `literals.py` as it goes. Upstream: cel-go's parser.
"""
