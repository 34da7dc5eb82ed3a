"""What the tests of Tesla's replies share: replies that are made up."""

import json

from adapters.chargers.tesla.replies import Reply


def reply(content: object, status: int = 200, **headers: str) -> Reply:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Reply(status=status, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def refused(reason: str, status: int = 200) -> Reply:
    return reply({"response": {"result": False, "reason": reason}}, status)
