"""Static bearer tokens of a CSV file: token,user,uid[,"group1,group2"] (upstream: token/tokenfile)."""

from __future__ import annotations

import csv
import hashlib
import logging
from collections.abc import Iterator

from kubern.authentication.groups import with_authenticated_group
from kubern.authentication.interface import AuthenticationResponse
from kubern.request import User

logger = logging.getLogger(__name__)


def read_users(path: str, secret: str) -> Iterator[tuple[str, User]]:
    """Secrets and users of a CSV file; `secret` says what the first column is called in messages.

    Raises OSError, and ValueError for a line with too few columns.
    """
    with open(path, newline="", encoding="utf-8") as file:
        records = [record for record in csv.reader(file, skipinitialspace=False) if record]
    for number, record in enumerate(records, start=1):
        if len(record) < 3:
            raise ValueError(
                f"{secret} file '{path}' must have at least 3 columns ({secret}, user name, user uid), "
                f"found {len(record)}"
            )
        if not record[0]:
            logger.warning("empty %s has been found in %s file %r, record number %d", secret, secret, path, number)
            continue
        groups = tuple(record[3].split(",")) if len(record) > 3 else ()
        yield record[0], User(record[1], uid=record[2], groups=groups)


class TokenFile:
    """Tokens that never change while the server runs.

    Knows the tokens of a file, kept as digests: how long a look-up takes says nothing about them."""

    live = True

    def __init__(self, path: str) -> None:
        """Raises OSError, ValueError."""
        self._users: dict[bytes, AuthenticationResponse] = {}
        for token, user in read_users(path, "token"):
            digest = _digest(token)
            if digest in self._users:
                logger.warning("duplicate token has been found in token file %r, user %r", path, user.name)
            self._users[digest] = with_authenticated_group(AuthenticationResponse(user))

    async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
        return self._users.get(_digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
