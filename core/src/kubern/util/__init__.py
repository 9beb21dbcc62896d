"""Helpers that know nothing about Kubernetes."""
