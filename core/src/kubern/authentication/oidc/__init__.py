"""OpenID Connect: tokens of other issuers (upstream: plugin/authenticator/token/oidc and AuthenticationConfiguration).

`configuration.py` makes authenticators from the flags or from a file, `authenticator.py` checks tokens, `issuer.py`
fetches keys, `mappings.py` makes users of claims. Imported only when an issuer is configured.
"""
