"""Every authenticated user is in system:authenticated (upstream: group.AuthenticatedGroupAdder)."""

from __future__ import annotations

import dataclasses

from kubern.authentication.interface import AuthenticationResponse
from kubern.request import ALL_AUTHENTICATED, ALL_UNAUTHENTICATED, ANONYMOUS


def with_authenticated_group(response: AuthenticationResponse) -> AuthenticationResponse:
    """The response with system:authenticated added, unless it is anonymous or says already which of both it is."""
    user = response.user
    if user.name == ANONYMOUS or ALL_AUTHENTICATED in user.groups or ALL_UNAUTHENTICATED in user.groups:
        return response
    return dataclasses.replace(response, user=dataclasses.replace(user, groups=(*user.groups, ALL_AUTHENTICATED)))
