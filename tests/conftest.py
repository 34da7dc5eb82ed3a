"""What every test run shares."""

import pytest

from tests.rabbitmq import forget_shared


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave no server behind."""
    del session
    forget_shared()
