"""From request bytes to objects: media types, JSON, YAML, and a codec per kind and version.

`interface.py` is the contract, `typed.py` what built-in and plugins' kinds use.
"""
