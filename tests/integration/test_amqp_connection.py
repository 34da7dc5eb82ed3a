import pytest
from yarl import URL

from adapters.wire.amqp_broker import Opening
from tests.servers import free_port


async def test_a_connection_that_cannot_be_opened_is_closed() -> None:
    opening = Opening(URL(f"amqp://guest:guest@127.0.0.1:{free_port()}/"))

    with pytest.raises(ConnectionError):
        await opening.connect()

    assert opening.is_closed
