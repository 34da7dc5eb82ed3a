"""Kinds: which keys of a device's table are common, and which belong to its kind's own model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from adapters import catalog
from controller.settings.complaints import Complaints, Raw
from controller.settings.device_tables import AbilityTable, ChargerTable, MeterTable
from controller.settings.reading import table
from controller.settings.secrets import Place, secret_keys
from controller.settings.site_tables import CircuitTable, LimiterTable, VehicleTable
from controller.settings.wording import listed, suggestion

Kinds = Mapping[str, catalog.Kind]

JUDGED_BY_KIND = frozenset({"min_a"})
"""Common keys whose bounds and default are the kind's where it names them: not every charger is an EVSE."""


class Nothing(BaseModel):
    """Stands for the keys of a kind that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterTables:
    """A `[[meters]]` table: the common keys, and those of its kind."""

    common: MeterTable
    own: BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerTables:
    """A `[[chargers]]` table: the common keys, the abilities set by hand, and those of its kind."""

    common: ChargerTable
    abilities: AbilityTable
    own: BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitTables:
    """A `[[circuits]]` table: its own keys, and those of its limiter's kind."""

    common: CircuitTable
    limiter: BaseModel | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleTables:
    """A `[[vehicles]]` table: the common keys, and those of its kind, if it tells anything itself."""

    common: VehicleTable
    own: BaseModel | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffTables:
    """The `[tariff]` table: its kind, and the keys of that kind."""

    kind: str
    own: BaseModel


def meter(where: str, raw: Raw, place: Place, complaints: Complaints) -> MeterTables:
    """Read one `[[meters]]` table."""
    kind = raw.get("kind", MeterTable.model_fields["kind"].default)
    model = kind_model(where, kind, catalog.METERS, complaints)
    parts = _split(where, raw, (MeterTable, model), complaints)
    return MeterTables(
        common=table(where, parts[0], MeterTable, place, complaints),
        own=table(where, parts[1], model, place, complaints),
    )


def charger(where: str, raw: Raw, place: Place, complaints: Complaints) -> ChargerTables:
    """Read one `[[chargers]]` table."""
    model = kind_model(where, raw.get("kind"), catalog.CHARGERS, complaints)
    # An ability that the kind's own model names is the kind's to judge.
    parts = _split(where, raw, (ChargerTable, model, AbilityTable), complaints)
    of_kind = JUDGED_BY_KIND.intersection(keys(model))
    common = {key: value for key, value in parts[0].items() if key not in of_kind}
    return ChargerTables(
        common=table(where, common, ChargerTable, place, complaints),
        own=table(where, parts[1], model, place, complaints),
        abilities=table(where, parts[2], AbilityTable, place, complaints),
    )


def circuit(where: str, raw: Raw, place: Place, complaints: Complaints) -> CircuitTables:
    """Read one `[[circuits]]` table; a limiter's table has keys of its kind besides the common ones."""
    limiter, own = raw.get("limiter"), None
    if isinstance(limiter, dict):
        inner = f"{where}.limiter"
        model = kind_model(inner, limiter.get("kind"), catalog.LIMITERS, complaints)
        parts = _split(inner, limiter, (LimiterTable, model), complaints)
        raw = {**raw, "limiter": parts[0]}
        own = table(inner, parts[1], model, place, complaints)
    return CircuitTables(common=table(where, raw, CircuitTable, place, complaints), limiter=own)


def vehicle(where: str, raw: Raw, place: Place, complaints: Complaints) -> VehicleTables:
    """Read one `[[vehicles]]` table; one without a kind has the common keys alone."""
    if "kind" not in raw:
        return VehicleTables(common=table(where, raw, VehicleTable, place, complaints), own=None)
    model = kind_model(where, raw["kind"], catalog.VEHICLES, complaints)
    parts = _split(where, raw, (VehicleTable, model), complaints)
    return VehicleTables(
        common=table(where, parts[0], VehicleTable, place, complaints),
        own=table(where, parts[1], model, place, complaints),
    )


def tariff(raw: Raw, place: Place, complaints: Complaints) -> TariffTables:
    """Read the `[tariff]` table."""
    kind = raw.get("kind")
    model = kind_model("tariff", kind, catalog.TARIFFS, complaints)
    rest = {key: value for key, value in raw.items() if key != "kind"}
    return TariffTables(kind=str(kind), own=table("tariff", rest, model, place, complaints))


def kind_model(where: str, kind: object, kinds: Kinds, complaints: Complaints) -> type[BaseModel]:
    """Load the model of a kind; only kinds that the file names are imported."""
    if isinstance(kind, str) and kind in kinds:
        model: type[BaseModel] = catalog.load(kinds[kind].settings)
        return model
    known = f"a known kind: {listed(sorted(kinds))}" if kinds else "no such table: no kind of it exists yet"
    complaints.add(f"{where}.kind", kind, known if kind is not None else f"{known}, but it is missing")
    return Nothing


def _split(
    where: str, raw: Raw, models: tuple[type[BaseModel], ...], complaints: Complaints
) -> tuple[Raw, ...]:
    """Give the common keys to the common model, all that its kind knows to the kind, the rest to the last.

    A kind may want to know a common key too; an ability that a kind knows is the kind's alone.
    """
    known = [set(keys(model)) for model in models]
    taken = [known[0], known[1], *(names - known[1] for names in known[2:])]
    for key in raw:
        if Nothing not in models and not any(key in names for names in known):
            complaints.add(f"{where}.{key}", raw[key], suggestion(key, set().union(*known)))
    return tuple({key: value for key, value in raw.items() if key in names} for names in taken)


def keys(model: type[BaseModel]) -> Iterable[str]:
    """List the keys that a model's table takes in the file; secrets under the names of their places."""
    secrets = secret_keys(model)
    for name, field in model.model_fields.items():
        yield field.alias or name
        if name in secrets:
            yield from (f"{name}_env", f"{name}_file")
