"""Schemas of objects: one node type for built-in, custom and plugin kinds, and what is compiled from it."""
