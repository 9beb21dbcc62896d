"""--authentication-config while the server runs: a changed file is in force, a broken one is not.

Upstream: kubeapiserver/options, updateAuthenticationConfig. As there, only the issuers follow the file; whether
anonymous requests are accepted is decided at the start. Next: `configuration.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubern.authentication.oidc.configuration import build_issuers, load_configuration

if TYPE_CHECKING:
    from kubern.authentication.interface import AuthenticationResponse, TokenAuthenticator
    from kubern.remote.dialing import Dial

Object = dict[str, Any]
logger = logging.getLogger(__name__)
POLL_SECONDS = 1.0


class ReloadableOIDC:
    """The issuers that the file names now. `on_change` is called when they are others than before."""

    def __init__(
        self, path: str, algorithms: tuple[str, ...], on_change: Callable[[], None], dial: Dial | None = None
    ) -> None:
        """Raises OSError, ConfigurationError."""
        self._path = path
        self._algorithms = algorithms
        self._on_change = on_change
        self._dial = dial
        self._content = Path(path).read_bytes()
        self.configuration: Object = load_configuration(path)
        self._issuers = self._build(self.configuration)

    async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
        """As the issuers of the moment say."""
        issuers = self._issuers
        return await issuers.authenticate_token(token, audiences) if issuers is not None else None

    async def follow(self) -> None:
        """Look at the file from time to time, for ever."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            self.refresh()

    def refresh(self) -> None:
        """Read the file again if its content changed."""
        try:
            content = Path(self._path).read_bytes()
            if content == self._content:
                return
            self._content = content
            self._issuers = self._build(load_configuration(self._path))
        except (OSError, ValueError) as error:
            logger.warning("The authentication configuration %s is not reloaded: %s", self._path, error)
            return
        self._on_change()
        logger.info("Reloaded the authentication configuration %s", self._path)

    def _build(self, configuration: Object) -> TokenAuthenticator | None:
        return build_issuers(configuration.get("jwt") or [], self._algorithms, self._dial)
