"""Vocabulary: pure data and functions about API objects (names, errors, schemas, selectors, patches). No I/O.

Everybody may import it; it imports only `kubern.util`.
"""
