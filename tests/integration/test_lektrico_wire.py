import asyncio

import pytest

from adapters.chargers.lektrico.client import LektricoClient
from adapters.chargers.lektrico.errors import ERRORS, RangeError
from adapters.wire.jsonrpc import ConnectionBrokenError, Endpoint, JsonRpc, WireForm
from adapters.wire.jsonrpc_reply import Json, NoSuchMethodError
from controller.errors import CredentialsError, DeviceNonsense, DeviceRefused, DeviceUnreachable
from simulator.chargers.lektrico import LektricoTwin
from simulator.chargers.lektrico_faults import Faults

FORMS = ("get", "post", "frame")


def rpc_to(
    twin: LektricoTwin,
    form: WireForm | None = None,
    user: str = "",
    password: str = "",
    timeout_s: float = 10.0,
) -> JsonRpc:
    endpoint = Endpoint(
        url=f"http://127.0.0.1:{twin.port}",
        question="Charger_info.Get",
        form=form,
        timeout_s=timeout_s,
        user=user,
        password=password,
    )
    return JsonRpc(endpoint, ERRORS)


@pytest.mark.parametrize("form", FORMS)
async def test_the_form_that_the_charger_answers_is_found_and_kept(form: str) -> None:
    async with LektricoTwin() as twin:
        twin.faults.forms = {form}
        rpc = rpc_to(twin)

        await rpc.call("EM_current.Set", {"EM_current": 9})
        await rpc.call("EM_current.Set", {"EM_current": 10})

        assert rpc.form == form
        assert twin.device.em_a == 10
        assert [call.form for call in list(twin.calls)[-2:]] == [form, form]


async def test_the_forms_are_tried_in_the_order_of_the_interface_page() -> None:
    async with LektricoTwin() as twin:
        twin.faults.forms = {"get"}

        await rpc_to(twin).call("EM_current.Get")

        assert [call.form for call in twin.calls] == ["post", "frame", "get", "get"]


async def test_a_configured_form_is_not_probed() -> None:
    async with LektricoTwin() as twin:
        await rpc_to(twin, WireForm.FRAME).call("EM_current.Get")

        assert [(call.form, call.method) for call in twin.calls] == [("frame", "EM_current.Get")]


async def test_a_charger_that_knows_no_form_says_so() -> None:
    async with LektricoTwin() as twin:
        twin.faults.forms = set()

        with pytest.raises(NoSuchMethodError):
            await rpc_to(twin).call("EM_current.Get")


@pytest.mark.parametrize("form", WireForm)
async def test_an_error_keeps_its_type_in_every_form(form: WireForm) -> None:
    async with LektricoTwin() as twin:
        with pytest.raises(RangeError) as refused:
            await rpc_to(twin, form).call("EM_current.Set", {"EM_current": 3})

        assert refused.value.code == -4


@pytest.mark.parametrize("form", WireForm)
async def test_false_is_a_refusal_in_every_form(form: WireForm) -> None:
    async with LektricoTwin() as twin:
        twin.faults.false = True

        with pytest.raises(DeviceRefused):
            await rpc_to(twin, form).call("EM_current.Set", {"EM_current": 8})


@pytest.mark.parametrize("form", WireForm)
async def test_text_and_lists_survive_every_form(form: WireForm) -> None:
    interval: Json = {
        "start_d": 1,
        "start_h": 1,
        "start_m": 0,
        "end_d": 1,
        "end_h": 2,
        "end_m": 0,
        "current": 6,
    }
    async with LektricoTwin() as twin:
        rpc = rpc_to(twin, form)

        await rpc.call("App_config.Set", {"config_key": "charger_alias", "config_value": 'Left & "right" ä'})
        await rpc.call("Charging_schedule.Set", {"charging_schedule": [interval]})

        assert twin.device.config["charger_alias"] == 'Left & "right" ä'
        assert twin.device.schedule[0].current == 6


async def test_one_connection_serves_all_calls_while_it_is_kept() -> None:
    async with LektricoTwin() as twin:
        rpc = rpc_to(twin)
        rpc.kept = True

        for _ in range(5):
            await rpc.call("EM_current.Get")
        connections = twin.connections
        await rpc.close()

        assert connections == 1


async def test_a_charger_that_closes_after_each_answer_is_asked_on_a_new_connection() -> None:
    async with LektricoTwin() as twin:
        twin.faults.close_each = True
        rpc = rpc_to(twin)
        rpc.kept = True

        for _ in range(3):
            await rpc.call("EM_current.Get")
        await rpc.close()

        assert twin.connections > 3


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(hang=True), DeviceUnreachable),
        (Faults(delay_s=5.0), DeviceUnreachable),
        (Faults(reset=True), ConnectionBrokenError),
        (Faults(body=b"nonsense"), DeviceNonsense),
        (Faults(refuse=-7), ERRORS[-7]),
    ],
)
async def test_every_fault_has_its_error(faults: Faults, error: type[Exception]) -> None:
    async with LektricoTwin() as twin:
        twin.faults = faults

        with pytest.raises(error):
            await rpc_to(twin, WireForm.POST, timeout_s=0.3).call("EM_current.Set", {"EM_current": 8})


async def test_a_charger_that_is_not_there_is_known_at_once_whatever_the_form() -> None:
    twin = LektricoTwin()
    await twin.start()
    await twin.stop()

    with pytest.raises(ConnectionBrokenError):
        await rpc_to(twin).call("EM_current.Get")


@pytest.mark.parametrize("scheme", ["basic", "digest"])
async def test_a_login_is_given_as_the_charger_asks(scheme: str) -> None:
    async with LektricoTwin() as twin:
        twin.faults.login = ("me", "hush-hush", scheme)
        rpc = rpc_to(twin, user="me", password="hush-hush")
        rpc.kept = True

        answers = [await rpc.call("EM_current.Get") for _ in range(2)]
        await rpc.close()

        assert len(answers) == 2


@pytest.mark.parametrize(("user", "password"), [("", ""), ("me", "wrong-word")])
async def test_a_wrong_login_is_the_operators_to_put_right_and_not_repeated_in_words(
    user: str, password: str
) -> None:
    async with LektricoTwin() as twin:
        twin.faults.login = ("me", "hush-hush", "digest")

        with pytest.raises(CredentialsError) as refused:
            await rpc_to(twin, user=user, password=password).call("EM_current.Get")

        assert "word" not in str(refused.value).replace("password", "")


async def test_a_limit_breaks_off_a_question_that_hangs() -> None:
    async with LektricoTwin() as twin:
        twin.faults = Faults(only=frozenset({"charger_info.get"}), hang=True)
        patient = Endpoint(
            url=f"http://127.0.0.1:{twin.port}",
            question="Charger_info.Get",
            form=WireForm.POST,
            timeout_s=60.0,
            patience_s=0.01,
        )
        client = LektricoClient(JsonRpc(patient, ERRORS))

        async with asyncio.TaskGroup() as group:
            question = group.create_task(_unanswered(client))
            await twin.until_called("charger_info.get")
            async with asyncio.timeout(5.0):
                await client.em_current_set(7, urgent=True)

        assert twin.device.em_a == 7
        assert question.done()


async def _unanswered(client: LektricoClient) -> None:
    with pytest.raises(DeviceUnreachable, match="broken off"):
        await client.charger_info_get()
