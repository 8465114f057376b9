"""Random histories: each state reachable, no dead end, never more reads than declared."""

import itertools
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.protocols.base import Assign, Close, Evaluate, History, Seat, Step, UnitState, Wait
from qc.registry import PROTOCOLS

DOCUMENTS = {
    "majority_panel": {"seats": 4},
    "double_read_arbitration": {"seats": 2},
    "third_reader": {"seats": 2},
    "early_stop": {"seats": 3, "most": 6},
    "ai_second_reader": {"seats": 2, "model": "net"},
    "mammography_double_reading": {"seats": 2},
    "vindr_three_plus_panel": {"seats": 3, "profile": "test"},
    "chexpert_truth_and_benchmark": {"seats": 5, "benchmark": 3},
}
# The most readers that a case may cost where more can be asked for than the first.
MOST = {"third_reader": 3, "early_stop": 6, "ai_second_reader": 2}
# Fewest people that a case costs, where a model's read stands for one.
LEAST = {"ai_second_reader": 1}


def reader(number: int, *, is_finished: bool = True, round_number: int = 1) -> Seat:
    return Seat(f"r{number}", round_number, is_finished)


def unit(number: int, verdict: str = "accept", *, is_adjudicated: bool = False) -> UnitState:
    return UnitState("nodule", str(number), verdict, is_adjudicated)


FOUR = tuple(reader(number) for number in range(4))


@pytest.mark.parametrize(
    ("history", "step"),
    [
        (History((), None), Assign(1, 4)),
        (History(FOUR[:3], None), Assign(1, 1)),
        # A finished reader does not close a panel that is not full.
        (History((reader(0), reader(1, is_finished=False)), None), Assign(1, 2)),
        (History((*FOUR[:3], reader(3, is_finished=False)), None), Wait("1 of 4 readers has not finished")),
        (
            History(tuple(reader(number, is_finished=False) for number in range(4)), None),
            Wait("4 of 4 readers have not finished"),
        ),
        (History(FOUR, None), Evaluate((1,))),
        (History(FOUR, ()), Close()),
        (History(FOUR, (unit(0), unit(1))), Close()),
        (History(FOUR, (unit(0), unit(1, "refer"))), Wait("1 unit waits for a physician")),
        (History(FOUR, (unit(0, "refer"), unit(1, "refer"))), Wait("2 units wait for a physician")),
        (History(FOUR, (unit(0), unit(1, "refer", is_adjudicated=True))), Close()),
        (History(FOUR, (unit(0, "a word of tomorrow"),)), Wait("1 unit waits for a physician")),
        # Reads of a later round never count for the first.
        (History((*FOUR[:3], reader(9, round_number=2)), None), Assign(1, 1)),
        # A reader seated twice is one reader.
        (History((*FOUR[:3], FOUR[0]), None), Assign(1, 1)),
    ],
)
def test_majority_panel(history, step):
    assert PROTOCOLS["majority_panel"].next_step(history, DOCUMENTS["majority_panel"]) == step


@pytest.mark.parametrize(
    ("history", "step"),
    [
        (History((), None), Assign(1, 2)),
        (History(FOUR[:2], None), Evaluate((1,))),
        (History(FOUR[:2], (unit(0),)), Close()),
        (History(FOUR[:2], (unit(0, "refer"),)), Wait("1 unit waits for a physician")),
    ],
)
def test_double_read_arbitration(history, step):
    assert PROTOCOLS["double_read_arbitration"].next_step(history, DOCUMENTS["double_read_arbitration"]) == step


@dataclass
class World:
    """People who act at random on one case."""

    chance: np.random.Generator
    seats: list[Seat] = field(default_factory=list)
    units: list[UnitState] | None = None
    has_model_read: bool = False

    def history(self) -> History:
        seats = list(self.seats)
        self.chance.shuffle(seats)
        return History(tuple(seats), None if self.units is None else tuple(self.units), self.has_model_read)

    def carry_out(self, step: Step) -> None:
        if isinstance(step, Assign):
            start = len(self.seats)
            asked = int(self.chance.integers(1, step.n_readers + 1))
            self.seats += [Seat(f"r{start + n}", step.round, is_finished=False) for n in range(asked)]
            self.units = None
        elif isinstance(step, Evaluate):
            verdicts = self.chance.choice(["accept", "refer"], size=self.chance.integers(0, 4)).tolist()
            wanted = self.chance.integers(0, 3, size=len(verdicts)).tolist()
            self.units = [
                replace(unit(number, verdict), open_seats=seats)
                for number, (verdict, seats) in enumerate(zip(verdicts, wanted, strict=True))
            ]
        else:
            self.act()

    def act(self) -> None:
        """Somebody finishes a read, or a physician signs."""
        waiting = [place for place, seat in enumerate(self.seats) if not seat.is_finished]
        if waiting:
            place = waiting[self.chance.integers(len(waiting))]
            self.seats[place] = replace(self.seats[place], is_finished=True)
            return
        disputed = [place for place, one in enumerate(self.units or []) if one.verdict == "refer"]
        open_places = [place for place in disputed if not self.units[place].is_adjudicated]
        place = open_places[self.chance.integers(len(open_places))]
        self.units[place] = unit(place, "refer", is_adjudicated=True)


def state_of(step: Step) -> str:
    if isinstance(step, Assign) and step.round > 1:
        return "asking again"
    if isinstance(step, Wait):
        return "disputed" if "physician" in step.reason else "reading"
    return {Assign: "assigning", Evaluate: "evaluating", Close: "closed"}[type(step)]


def run(name: str, seed: int) -> list[str]:
    world, seen = World(np.random.Generator(np.random.PCG64(seed)), has_model_read=seed % 2 == 0), []
    document = DOCUMENTS[name]
    most = MOST.get(name, document["seats"])
    # Every read and every signature is one step: assigning and reading each seat, evaluations, three units.
    for _ in range(2 * most + 1 + most - LEAST.get(name, document["seats"]) + 3 + 1):
        step = PROTOCOLS[name].next_step(world.history(), document)
        assert step == PROTOCOLS[name].next_step(world.history(), document)
        seen.append(state_of(step))
        if isinstance(step, Close):
            assert LEAST.get(name, document["seats"]) <= len(world.seats) <= most
            assert all(one.verdict == "accept" or one.is_adjudicated for one in world.units)
            return seen
        world.carry_out(step)
    pytest.fail("the case never closed")


@pytest.mark.parametrize("name", DOCUMENTS)
@given(seed=st.integers(0, 2**32))
def test_every_history_ends_within_the_declared_reads(name, seed):
    seen = run(name, seed)
    if name in MOST:
        return
    # States never run backwards, so no case can circle.
    order = [PROTOCOLS[name].states.index(state) for state in seen]
    assert order == sorted(order)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_state_is_reachable(name):
    seen = set(itertools.chain.from_iterable(run(name, seed) for seed in range(50)))
    assert seen == set(PROTOCOLS[name].states)


def test_every_protocol_is_run_here():
    assert set(DOCUMENTS) == set(PROTOCOLS)
