"""What every table of the file has in common: the base model and the types of its values."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

# IEC 61851-1 allows no less than 6 A, and no more than 80 A on AC.
LEAST_A, MOST_A = 6.0, 80.0


class Table(BaseModel):
    """One table of the file; unknown keys, other types and other ranges are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


def _each_once(phases: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(phases)) != len(phases):
        raise ValueError("expected each phase once")
    return phases


Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$",
        json_schema_extra={"expects": "a name of up to 40 letters, digits, - and _"},
    ),
]
"""An identifier: it stands in topics, columns and addresses."""

Text = Annotated[str, Field(min_length=1, json_schema_extra={"expects": "some text"})]

FuseA = Annotated[float, Field(gt=0, le=10_000)]
"""What one phase of a circuit bears."""

LoadA = Annotated[float, Field(ge=0, le=10_000)]

ChargeA = Annotated[float, Field(ge=LEAST_A, le=MOST_A)]

PauseOrChargeA = Annotated[float, Field(ge=0, le=MOST_A)]

PhaseList = Annotated[
    tuple[Annotated[int, Field(ge=1, le=3)], ...],
    Field(
        min_length=1, max_length=3, json_schema_extra={"expects": "a list of phases, each of 1, 2 and 3 once"}
    ),
    AfterValidator(_each_once),
]
"""Grid phases, in the device's order."""

PerPhase = Annotated[tuple[LoadA, ...], Field(min_length=1, max_length=3)]

FusePerPhase = Annotated[tuple[FuseA, ...], Field(min_length=1, max_length=3)]

Port = Annotated[int, Field(ge=1, le=65_535)]
