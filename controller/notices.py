"""Notices: what people must or may want to know of a site, from the document that the API tells."""

from collections.abc import Iterator, Mapping
from typing import Any


def alarms(document: Mapping[str, Any]) -> Iterator[str]:
    """Tell what takes something away from the site until it is put right."""
    for circuit in document["circuits"]:
        if circuit["blind"]:
            yield f"the meter of {circuit['id']} is silent"
    for name, why in document.get("lost", {}).items():
        yield f"{name} is lost: {why}"
    if not document["recording"]:
        yield "the journal cannot be written: nothing rises above what is on record"


def notes(document: Mapping[str, Any]) -> Iterator[str]:
    """Tell what somebody wanted so, or may want to change."""
    for name in document["out_of_service"]:
        yield f"{name} is declared out of service"
    for ghost in document["left_configuration"]:
        held = f"{ghost['promise_a']:.1f}".removesuffix(".0")
        free = f"`phasewise device {ghost['id']} out_of_service` says that it is gone"
        yield f"{ghost['id']} left the configuration and still holds {held} A; {free}"
    if document["operator_cap_w"] is not None:
        yield f"the grid operator caps the site at {document['operator_cap_w']:,.0f} W"
    yield from document.get("warnings", ())
