"""Types before evaluation: `checker.py` walks the tree, `resolution.py` picks overloads by `typing_rules.py`.

`validators.py` and `format_validator.py` then look for literals that can never work. Upstream: cel-go's checker.
"""
