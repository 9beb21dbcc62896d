"""A third party's plugin: a flag section, a completion step, a chain member and an API group."""
