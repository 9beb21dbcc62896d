"""The APIService kind: declaration, defaults, validation, table."""
