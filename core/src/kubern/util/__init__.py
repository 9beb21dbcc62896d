"""Helpers that know nothing about Kubernetes; whatever begins with `go` does a thing as Go's library does it.

Messages of kube-apiserver show values in Go's ways (`goquote.py`, `goprint.py`), bodies are judged by Go's JSON decoder
(`gojson.py`), users' patterns are Go's (`goregexp.py`). Imports nothing of kubern but itself.
"""
