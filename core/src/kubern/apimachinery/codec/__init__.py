"""From request bytes to objects: media types, JSON, YAML, and a codec per kind and version."""
