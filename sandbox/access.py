"""Tokens and scopes: who calls, and what the installed app may do."""

from sandbox.config import SandboxConfig
from sandbox.refusal import Refused

APP_METHODS = frozenset({"apps.connections.open"})


class Access:
    """`scopes` are what the app was granted: the manifest's, until someone takes one away."""

    def __init__(self, config: SandboxConfig, scopes: tuple[str, ...]) -> None:
        self._config = config
        self.scopes = list(scopes)

    def require_token(self, token: str, method: str) -> None:
        """Raises Refused: not_authed, invalid_auth, not_allowed_token_type."""
        if not token:
            raise Refused("not_authed")
        if token not in (self._config.bot_token, self._config.app_token):
            raise Refused("invalid_auth")
        if (token == self._config.app_token) != (method in APP_METHODS):
            raise Refused("not_allowed_token_type")

    def require_scope(self, *accepted: str) -> None:
        """At least one of `accepted`. Raises Refused("missing_scope") that names what is needed and what is there."""
        if accepted and not self.grants(*accepted):
            raise Refused(
                "missing_scope",
                needed=",".join(accepted),
                provided=self.provided,
                headers={"x-accepted-oauth-scopes": ",".join(accepted)},
            )

    def grants(self, *accepted: str) -> bool:
        return any(scope in self.scopes for scope in accepted)

    @property
    def provided(self) -> str:
        return ",".join(self.scopes)

    def may_download(self, authorization: str) -> bool:
        return authorization == f"Bearer {self._config.bot_token}" and self.grants("files:read")
