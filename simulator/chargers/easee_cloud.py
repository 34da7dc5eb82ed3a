"""Easee's cloud for operators and owners: login, tokens, state, commands, the hub, where the stream is."""

from collections import Counter
from datetime import datetime
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_hub import PATH, EaseeHubTwin, data_type, response, text
from simulator.chargers.easee_observed import Value
from simulator.chargers.easee_rest import EaseeCommandsTwin
from simulator.chargers.easee_site import SITE, described
from simulator.chargers.easee_words import Sent, stamp
from simulator.chargers.web import WebReply, WebRequest, WebServer, json_reply

if TYPE_CHECKING:
    from simulator.chargers.easee_operator import Operator

_CONNECTED: Final = 250


class EaseeCloudTwin:
    """Serves some chargers; change any public field while it runs."""

    def __init__(
        self, operator: "Operator | None", *chargers: EaseeTwin, clock: Clock | None = None, port: int = 0
    ) -> None:
        """`operator` is whom it tells where the stream is; `None`: it knows owners alone."""
        self.operator, self.chargers = operator, dict[str, EaseeTwin]()
        self.user, self.password = "operator@example.com", "made up"
        self.token_life_s = 3600
        self.refreshes = True
        """Whether refresh tokens are accepted."""
        self.status: int | None = None
        """Answers every question with this."""
        self.body: bytes | None = None
        """Answers every question with these bytes."""
        self.hangs = False
        """Never answers a question; commands are none."""
        self.delay_s = 0.0
        """Answers late."""
        self.asked: Counter[str] = Counter()
        """How often each path was asked for."""
        self._clock: Clock = clock or SystemClock()
        self._tokens: dict[str, float] = {}
        self.commands = EaseeCommandsTwin(self.chargers, self._clock)
        self.hub = EaseeHubTwin(self.chargers, self._is_known, self._clock)
        self._web = WebServer(self._answer, port, upgrade=self.hub.converse)
        for twin in chargers:
            self.add(twin)

    def add(self, twin: EaseeTwin) -> None:
        """Serve one more charger."""
        self.chargers[twin.device.serial] = twin
        twin.ears += [self, self.hub]

    @property
    def url(self) -> str:
        """Where it is."""
        return self._web.url

    @property
    def hub_url(self) -> str:
        """Where its hub is."""
        return self.url + PATH

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        await self.stop()

    async def start(self) -> None:
        """Begin to serve, on the same port as before."""
        await self._web.start()

    async def stop(self) -> None:
        """Vanish, the hub too."""
        await self._web.stop()

    def forget_tokens(self) -> None:
        """End every token at once."""
        self._tokens.clear()

    async def observation(self, twin: EaseeTwin, id_: int, value: Value, at: datetime) -> None:
        """Hear what is kept with the charger anyway."""

    async def response(self, twin: EaseeTwin, sent: Sent, at: datetime, *, accepted: bool) -> None:
        """Store what a charger says to a command."""
        told = response(twin, sent, at, accepted=accepted)
        self.commands.answers[twin.device.serial, sent.id, sent.ticks] = told

    async def _answer(self, request: WebRequest) -> WebReply | None:
        self.asked[request.path] += 1
        if self.delay_s:
            await self._clock.sleep(self.delay_s)
        if self.hangs and request.verb == "GET":
            while self.hangs:
                await self._clock.sleep(0.05)
            return None
        if self.body is not None:
            return WebReply(body=self.body)
        if self.status is not None:
            return json_reply(None, self.status)
        return self._routed(request)

    def _routed(self, request: WebRequest) -> WebReply:
        signing_on = {"/api/accounts/login": self._login, "/api/accounts/refresh_token": self._refresh}
        if request.path in signing_on:
            return signing_on[request.path](request)
        if request.path == f"{PATH}/negotiate":
            return self.hub.negotiate(request)
        if not self._is_known(request):
            return json_reply(None, HTTPStatus.UNAUTHORIZED)
        return self.commands.post(request) if request.verb == "POST" else self._told(request)

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
                "accessClaims": ["User" if self.operator is None else "Partner"],
            }
        )

    def _is_known(self, request: WebRequest) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self._tokens.get(token, 0.0) > self._clock.mono_s()

    def _told(self, request: WebRequest) -> WebReply:
        match request.path.strip("/").split("/"):
            case ["api", "streams", "amqp", "v2"]:
                return self._stream()
            case ["state", serial, "observations"] if serial in self.chargers:
                return self._observations(self.chargers[serial], request.query.get("ids", ""))
            case ["api", "commands", serial, id_, ticks] if id_.isdecimal() and ticks.isdecimal():
                return self.commands.status(serial, id_, ticks)
            case ["api", "sites", site, "circuits", circuit, "dynamicCurrent"] if site == str(SITE):
                return self.commands.dynamic(circuit)
        found = described(request.path.strip("/").split("/"), self.chargers)
        return found or json_reply(None, HTTPStatus.NOT_FOUND)

    def _stream(self) -> WebReply:
        if self.operator is None:
            return json_reply(None, HTTPStatus.FORBIDDEN)
        where = urlsplit(self.operator.url)
        return json_reply(
            {
                "server": where.hostname,
                "port": where.port,
                "useSsl": False,
                "virtualHost": "/",
                "queueName": self.operator.queue,
                "exchangeName": self.operator.exchange,
                "username": where.username,
                "password": where.password,
            }
        )

    def _observations(self, twin: EaseeTwin, ids: str) -> WebReply:
        wanted = {int(one) for one in ids.split(",") if one.isdecimal()}
        known = twin.known if twin.powered else {**twin.known, _CONNECTED: (False, twin.now())}
        told = [
            {
                "id": id_,
                "value": text(value) if twin.faults.text_values else value,
                "dataType": data_type(value),
                "timestamp": stamp(at),
            }
            for id_, (value, at) in known.items()
            if not wanted or id_ in wanted
        ]
        return json_reply({"observations": told})
