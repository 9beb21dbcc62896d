"""Core's authenticators, asked in slot order. Next: `../authentication/union.py`."""

from __future__ import annotations

from kubern.contributions import AuthenticatorSpec
from kubern.hookspecs import hookimpl


@hookimpl
def kubern_register_authenticators() -> list[AuthenticatorSpec]:
    return []
