"""Easee's cloud over REST, as far as an operator needs it: login, tokens, state, where the stream is."""

from collections import Counter
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.easee import EaseeTwin, Operator
from simulator.chargers.easee_observed import observed
from simulator.chargers.web import WebReply, WebRequest, WebServer, json_reply

_CONNECTED: Final = 250


class EaseeCloudTwin:
    """Serves the state of some chargers; change any public field while it runs."""

    def __init__(
        self, operator: Operator, *chargers: EaseeTwin, clock: Clock | None = None, port: int = 0
    ) -> None:
        self.operator, self.chargers = operator, {twin.device.serial: twin for twin in chargers}
        self.user, self.password = "operator@example.com", "made up"
        self.token_life_s = 3600
        self.refreshes = True
        """Whether refresh tokens are accepted."""
        self.status: int | None = None
        """Answers every question with this."""
        self.body: bytes | None = None
        """Answers every question with these bytes."""
        self.asked: Counter[str] = Counter()
        """How often each path was asked for."""
        self._clock: Clock = clock or SystemClock()
        self._tokens: dict[str, float] = {}
        self._web = WebServer(self._answer, port)

    @property
    def url(self) -> str:
        """Where it is."""
        return self._web.url

    async def __aenter__(self) -> Self:
        """Start it."""
        await self._web.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        await self._web.stop()

    def forget_tokens(self) -> None:
        """End every token at once."""
        self._tokens.clear()

    async def _answer(self, request: WebRequest) -> WebReply | None:
        self.asked[request.path] += 1
        if self.body is not None:
            return WebReply(body=self.body)
        if self.status is not None:
            return json_reply(None, self.status)
        signing_on = {"/api/accounts/login": self._login, "/api/accounts/refresh_token": self._refresh}
        if request.path in signing_on:
            return signing_on[request.path](request)
        if not self._is_known(request):
            return json_reply(None, HTTPStatus.UNAUTHORIZED)
        if request.path == "/api/streams/amqp/v2":
            return json_reply(self._stream())
        return self._state(request.path)

    def _login(self, request: WebRequest) -> WebReply:
        if request.content != {"userName": self.user, "password": self.password}:
            return json_reply({"errorCode": 100}, HTTPStatus.BAD_REQUEST)
        return self._granted()

    def _refresh(self, request: WebRequest) -> WebReply:
        content = request.content or {}
        is_ours = str(content.get("refreshToken", "")).startswith("refresh-")
        return self._granted() if self.refreshes and is_ours else json_reply(None, HTTPStatus.BAD_REQUEST)

    def _granted(self) -> WebReply:
        number = sum(self.asked.values())
        self._tokens[f"access-{number}"] = self._clock.mono_s() + self.token_life_s
        return json_reply(
            {
                "accessToken": f"access-{number}",
                "expiresIn": self.token_life_s,
                "tokenType": "Bearer",
                "refreshToken": f"refresh-{number}",
                "accessClaims": ["Partner"],
            }
        )

    def _is_known(self, request: WebRequest) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self._tokens.get(token, 0.0) > self._clock.mono_s()

    def _stream(self) -> dict[str, object]:
        where = urlsplit(self.operator.url)
        return {
            "server": where.hostname,
            "port": where.port,
            "useSsl": False,
            "virtualHost": "/",
            "queueName": self.operator.queue,
            "exchangeName": self.operator.exchange,
            "username": where.username,
            "password": where.password,
        }

    def _state(self, path: str) -> WebReply:
        parts = path.strip("/").split("/")
        twin = self.chargers.get(parts[1]) if len(parts) == 3 else None  # noqa: PLR2004 - state/<serial>/observations
        if twin is None:
            return json_reply(None, HTTPStatus.NOT_FOUND)
        at = twin.now().replace(microsecond=0).isoformat()
        lost = twin.faults.lose_observations
        values = observed(twin.device) | {_CONNECTED: twin.powered}
        told = [
            {"id": id_, "value": value, "dataType": 6, "timestamp": at}
            for id_, value in values.items()
            if id_ not in lost
        ]
        return json_reply({"observations": told})
