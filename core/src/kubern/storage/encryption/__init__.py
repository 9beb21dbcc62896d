"""Encryption at rest: an EncryptionConfiguration file applied to values between watch cache and store.

- `config.py` the file: reading, checking, which providers a resource has; start here
- `transformer.py` values with their provider prefixes, several providers and keys in order
- `ciphers.py` the algorithms

Formats are kube-apiserver's (`k8s:enc:aescbc:v1:KEY:...`), so either can read what the other wrote.
"""
