"""kubern core: the Kubernetes API server as a chain of plugins.

Files here are the start, folders are a request.
"""
