"""Tokens of service accounts: keys, issuing, checking and the issuer's public documents (upstream: pkg/serviceaccount).

A reader starts with `claims.py`, what a token says, then `token_request.py` (out) and `authenticator.py` (in).
"""
