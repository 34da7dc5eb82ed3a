"""The sign-on service of a simulated Tesla account: refresh tokens that are good for one use."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from controller.ports import Clock
from simulator.chargers.web import WebReply, WebRequest, json_reply


@dataclass(slots=True, kw_only=True)
class SignOn:
    """Hands out tokens and remembers which are good."""

    clock: Clock
    client_id: str = "phasewise-test"
    life_s: float = 28_800.0
    refresh: str = "refresh-0"
    """The only refresh token that is good."""
    previous: str = ""
    takes_previous: bool = False
    """Whether the one before is taken once more, in case an answer was lost."""
    takes_any: bool = False
    """Whether any account and any refresh token is taken."""
    required: bool = True
    """Whether calls have to bring an access token."""
    exchanges: int = 0
    """How many refresh tokens were exchanged."""
    refused: int = 0
    _good_until_s: dict[str, float] = field(default_factory=dict)

    def accepts(self, request: WebRequest) -> bool:
        """Tell whether a call brings a good access token."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return not self.required or self.clock.mono_s() < self._good_until_s.get(token, 0.0)

    def grant(self, token: str = "access-fixed") -> str:  # noqa: S107 - nothing secret
        """Make an access token good without an exchange."""
        self._good_until_s[token] = self.clock.mono_s() + self.life_s
        return token

    def expire(self) -> None:
        """End every access token now."""
        self._good_until_s.clear()

    def exchange(self, request: WebRequest) -> WebReply:
        """Exchange a refresh token; form and JSON are taken."""
        form: dict[str, Any] = request.content or dict(parse_qsl(request.body.decode()))
        token = form.get("refresh_token")
        if not self._is_good(token, form.get("client_id")):
            self.refused += 1
            return json_reply({"error": "login_required", "error_description": "refresh token used"}, 401)
        self.exchanges += 1
        self.previous, self.refresh = str(token), f"refresh-{self.exchanges}"
        access = self.grant(f"access-{self.exchanges}")
        return json_reply(
            {
                "access_token": access,
                "refresh_token": self.refresh,
                "expires_in": int(self.life_s),
                "token_type": "Bearer",
            }
        )

    def _is_good(self, token: object, client_id: object) -> bool:
        is_known = token == self.refresh or (self.takes_previous and token == self.previous != "")
        return self.takes_any or (is_known and client_id in (self.client_id, "ownerapi"))
