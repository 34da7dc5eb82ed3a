"""Tree: the circuits in order, each with its phases, once they are known to form one tree."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Self

from controller.domain.units import Phases
from controller.settings.complaints import Complaints
from controller.settings.site_tables import CircuitTable, SiteTable
from controller.settings.wording import listed

PhaseTuple = tuple[int, ...]


def check_tree(circuits: Sequence[CircuitTable], complaints: Complaints) -> None:
    """Complain of whatever keeps the circuits from being one tree."""
    known = {circuit.id for circuit in circuits}
    for id_ in doubles(circuit.id for circuit in circuits):
        complaints.add(f"circuits[{id_}].id", id_, "an id that no other circuit has")
    for circuit in circuits:
        if circuit.parent is not None and circuit.parent not in known:
            complaints.add(
                f"circuits[{circuit.id}].parent", circuit.parent, id_of("circuit", circuit.parent, known)
            )
    _check_root(circuits, complaints)
    complaints.raise_any()
    _check_circles(circuits, complaints)


def _check_root(circuits: Sequence[CircuitTable], complaints: Complaints) -> None:
    roots = [circuit.id for circuit in circuits if circuit.parent is None]
    if not roots:
        complaints.add("circuits", None, "one circuit without a parent, the root, but every one has a parent")
    for id_ in roots[1:]:
        complaints.add(f"circuits[{id_}].parent", None, f"a parent, since {roots[0]} is the root already")


def _check_circles(circuits: Sequence[CircuitTable], complaints: Complaints) -> None:
    parent = {circuit.id: circuit.parent for circuit in circuits}
    for circuit in circuits:
        seen, above = [circuit.id], circuit.parent
        while above is not None and above not in seen:
            seen.append(above)
            above = parent[above]
        if above == circuit.id:
            way = " -> ".join([*seen, above])
            complaints.add(f"circuits[{circuit.id}].parent", circuit.parent, f"no circle: {way}")
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The circuits, parents first, and which phases each has."""

    circuits: tuple[CircuitTable, ...]
    phases: Mapping[str, PhaseTuple]
    supply: PhaseTuple
    """The phases of the site."""

    @classmethod
    def grown(cls, site: SiteTable, circuits: Sequence[CircuitTable]) -> Self:
        """Put circuits that form one tree in order; what names no phases has those of its supply."""
        supply = (1,) if site.phases == 1 else (1, 2, 3)
        phases: dict[str, PhaseTuple] = {}
        in_order = _ordered(circuits)
        for circuit in in_order:
            inherited = supply if circuit.parent is None else phases[circuit.parent]
            phases[circuit.id] = inherited if circuit.phases is None else tuple(sorted(circuit.phases))
        return cls(circuits=in_order, phases=phases, supply=supply)

    @property
    def root(self) -> str:
        """The circuit that feeds all others."""
        return self.circuits[0].id

    def phases_above(self, circuit: CircuitTable) -> PhaseTuple:
        """Tell which phases a circuit is supplied with."""
        return self.supply if circuit.parent is None else self.phases[circuit.parent]

    def check_place(
        self, where: str, circuit: str | None, phases: PhaseTuple | None, complaints: Complaints
    ) -> bool:
        """Check that a device hangs on a circuit that there is, by phases that this circuit has."""
        known = self.phases.get(self.root if circuit is None else circuit)
        if known is None:
            complaints.add(f"{where}.circuit", circuit, id_of("circuit", str(circuit), self.phases))
            return False
        if phases is not None and not set(phases) <= set(known):
            has = listed([str(phase) for phase in known])
            complaints.add(f"{where}.phases", list(phases), f"phases that its circuit has: {has}")
            return False
        return True


def _ordered(circuits: Sequence[CircuitTable]) -> tuple[CircuitTable, ...]:
    placed: list[CircuitTable] = []
    names: set[str | None] = {None}
    while len(placed) < len(circuits):
        generation = [one for one in circuits if one.parent in names and one.id not in names]
        placed += generation
        names |= {one.id for one in generation}
    return tuple(placed)


def spread(value: float | Sequence[float], phases: PhaseTuple) -> Phases:
    """Put one number, or one for each of a circuit's phases, where those phases are; 0 elsewhere."""
    values = [value] * len(phases) if isinstance(value, int | float) else value
    by_phase = dict(zip(phases, values, strict=True))
    return by_phase.get(1, 0.0), by_phase.get(2, 0.0), by_phase.get(3, 0.0)


def doubles(ids: Iterable[str]) -> list[str]:
    """List what stands more than once."""
    return [one for one, count in Counter(ids).items() if count > 1]


def id_of(what: str, wrong: str, known: Iterable[str]) -> str:
    """Say which ids would have been right."""
    names = sorted(known)
    near = get_close_matches(wrong, names, n=1)
    if near:
        return f"the id of a {what}; did you mean `{near[0]}`?"
    return f"the id of a {what}: {listed(names)}" if names else f"the id of a {what}, but there is none"
