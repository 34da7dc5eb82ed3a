"""Schema: what a policy file may hold, for editors and checkers."""

from typing import Any

from controller.domain.wishes import Parameter, Policy
from controller.policy_files.checking import MODE_NAME
from policies import ALL


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a policy file.

    The checks of `load` go further in one thing: a table of parameters needs its policy in the stack.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Phasewise policy file",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "modes": {
                "type": "object",
                "propertyNames": {"pattern": f"^{MODE_NAME}$"},
                "additionalProperties": _mode(),
            }
        },
    }


def _mode() -> dict[str, Any]:
    stack = {
        "type": "array",
        "minItems": 1,
        "uniqueItems": True,
        "items": {"enum": list(ALL)},
        "description": "Policies in the order in which their preferences count. Without it, the mode of "
        "this name is tuned.",
    }
    says = {"type": "string", "description": "One line for people."}
    tables = {name: _policy(policy) for name, policy in ALL.items()}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {"says": says, "stack": stack, **tables},
    }


def _policy(policy: Policy) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "description": (type(policy).__doc__ or "").partition("\n")[0],
        "properties": {parameter.name: _parameter(parameter) for parameter in policy.parameters},
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "type": "integer" if parameter.whole else "number",
        "minimum": parameter.low,
        "maximum": parameter.high,
        "default": parameter.default,
        "description": parameter.says,
    }
