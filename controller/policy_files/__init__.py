"""Policy files: TOML -> modes, validated as a whole; tuning within bounds; their JSON Schema."""

from controller.policy_files.reading import document, from_document, load
from controller.policy_files.schema import schema
from controller.policy_files.tuning import tuned

__all__ = ["document", "from_document", "load", "schema", "tuned"]
