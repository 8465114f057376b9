"""Every protocol in every kind of trouble: what is asked of whom, and what stands in the end."""

from dataclasses import dataclass, field

import pytest

from qc.protocols.base import Assign, Close, Evaluate, History, Seat, UnitState, Wait
from qc.registry import PROTOCOLS
from qc.settling.base import CaseReads, Check, QuestionSpec, Read
from qc.settling.checks import settle_and_check
from qc.settling.second import ACCEPTED_BY, SECOND

ANSWERS = ("yes", "no", "maybe")
QUESTION = QuestionSpec("finding", "category", "nominal", {"codes": [{"code": code} for code in ANSWERS]})
MAJORITY = {"finding": {"method": "majority", "rules": {"no_majority": {}}}}
QUORUM = {"method": "n_of_m", "method_parameters": {"positive": "yes", "negative": "no", "panel": 5, "quorum": [3, 1]}}
PAIR = {"seats": 2, "tie": "refer", "questions": MAJORITY}
DOCUMENTS = {
    "double_read_arbitration": PAIR,
    "majority_panel": {**PAIR, "seats": 4},
    "third_reader": PAIR,
    "early_stop": {**PAIR, "seats": 3, "most": 5, "questions": {"finding": {**QUORUM, "rules": {"no_majority": {}}}}},
    "ai_second_reader": {**PAIR, "model": "net", "audit": {"share": 0.1}},
    "mammography_double_reading": {**PAIR, "arbitrate_concordant": ["yes"]},
    "vindr_three_plus_panel": {**PAIR, "seats": 3, "profile": "test", "panel": {"seats": 3}},
    "chexpert_truth_and_benchmark": {**PAIR, "seats": 5, "benchmark": 3},
}
TRAIN = {"profile": "train"}


def read_of(reader, answer):
    label = {"kind": "cannot_assess", "reason": "motion"} if answer == "blur" else {"kind": "category", "code": answer}
    return Read(reader, QUESTION.code, "", label, 0, f"{reader}{answer}")


@dataclass
class Walk:
    """A case under a protocol, its readers acting by a script.

    Of the words of a script an answer is that of the next reader who has not finished (``blur`` cannot be assessed);
    ``model:`` is a model's read, ``late:`` that of somebody whom no protocol asked; ``withdraw`` takes the first answer
    back and ``silence`` is a reader who never finishes.
    """

    name: str
    document: dict
    seats: list = field(default_factory=list)
    answers: dict = field(default_factory=dict)
    model: Check | None = None
    known: dict = field(default_factory=dict)

    def facts(self):
        finished = tuple(seat.reader for seat in self.seats if seat.is_finished)
        return CaseReads(
            questions=(QUESTION,),
            readers=finished,
            reads=tuple(read_of(reader, answer) for reader, answer in self.answers.items()),
            geometry=None,
            block=frozenset(seat.reader for seat in self.seats if seat.round == 1),
            second=self.model,
        )

    def run(self, script):
        said, words = [], list(script)
        while True:
            state = (tuple(self.seats), tuple(self.answers.items()), self.model is None)
            history = History(tuple(self.seats), self.known.get(state), has_model_read=self.model is not None)
            step = PROTOCOLS[self.name].next_step(history, self.document)
            if isinstance(step, Assign):
                said.append(f"ask {step.n_readers} in {step.round}")
                self.sit(step.n_readers, step.round)
            elif isinstance(step, Evaluate):
                (unit,) = settle_and_check(self.facts(), self.document).units
                said.append(" ".join(filter(None, [self.what(unit), unit.details.get(ACCEPTED_BY)])))
                wanted = int(unit.details.get("open_seats", 0))
                self.known[state] = (UnitState(unit.question, "", unit.verdict, False, wanted),)
            else:
                waits = isinstance(step, Wait) and step.reason.endswith("finished")
                said.append("close" if isinstance(step, Close) else "wait" if waits else "physician")
                if not words or words[0] == "silence":
                    # That a case waits for a reader is said where it stays so.
                    return [word for word in said[:-1] if word != "wait"] + said[-1:]
                self.act(words.pop(0))

    def what(self, unit):
        return unit.rule if unit.verdict == "refer" else f"accept {unit.label['code']}"

    def sit(self, number, round_number):
        first = len(self.seats) + 1
        self.seats += [Seat(f"r{first + place}", round_number, is_finished=False) for place in range(number)]

    def act(self, word):
        kind, _, answer = word.rpartition(":")
        if word == "withdraw":
            del self.answers[self.seats[0].reader]
        elif kind == "model":
            # What came after a person has finished is as if it were not there.
            if not self.answers:
                self.model = Check(SECOND, "net", (read_of("net", answer),))
        elif kind != "benchmark":
            if kind == "late":
                self.sit(1, 2)
            place = next(place for place, seat in enumerate(self.seats) if not seat.is_finished)
            seat = self.seats[place]
            self.seats[place] = Seat(seat.reader, seat.round, is_finished=True)
            self.answers[seat.reader] = answer
            return


# Protocol, what happens, the script of it, and what the protocol asks for.
SCENARIOS = [
    ("double_read_arbitration", "concordant", "no no", "ask 2 in 1 · accept no · close"),
    ("double_read_arbitration", "discordant", "no yes", "ask 2 in 1 · no_majority · physician"),
    ("double_read_arbitration", "tie", "yes blur", "ask 2 in 1 · no_majority · physician"),
    ("double_read_arbitration", "timeout", "yes silence", "ask 2 in 1 · wait"),
    (
        "double_read_arbitration",
        "withdrawal",
        "no no withdraw",
        "ask 2 in 1 · accept no · close · no_majority · physician",
    ),
    ("double_read_arbitration", "late", "no no late:yes", "ask 2 in 1 · accept no · close · accept no · close"),
    ("majority_panel", "concordant", "no no no no", "ask 4 in 1 · accept no · close"),
    ("majority_panel", "discordant", "no no no yes", "ask 4 in 1 · accept no · close"),
    ("majority_panel", "tie", "no no yes yes", "ask 4 in 1 · no_majority · physician"),
    ("majority_panel", "timeout", "no no no silence", "ask 4 in 1 · wait"),
    ("majority_panel", "withdrawal", "no no no yes withdraw", "ask 4 in 1 · accept no · close · accept no · close"),
    ("majority_panel", "late", "no no yes yes late:yes", "ask 4 in 1 · no_majority · physician · accept yes · close"),
    ("third_reader", "concordant", "no no", "ask 2 in 1 · accept no · close"),
    ("third_reader", "discordant", "no yes yes", "ask 2 in 1 · no_majority · ask 1 in 2 · accept yes · close"),
    ("third_reader", "tie", "no yes maybe", "ask 2 in 1 · no_majority · ask 1 in 2 · no_majority · physician"),
    ("third_reader", "timeout", "no yes silence", "ask 2 in 1 · no_majority · ask 1 in 2 · wait"),
    (
        "third_reader",
        "withdrawal",
        "no no withdraw no",
        "ask 2 in 1 · accept no · close · no_majority · ask 1 in 2 · accept no · close",
    ),
    ("third_reader", "late", "no no late:yes", "ask 2 in 1 · accept no · close · accept no · close"),
    ("early_stop", "concordant", "yes yes yes", "ask 3 in 1 · accept yes · close"),
    ("early_stop", "discordant", "yes no no no no", "ask 3 in 1 · no_majority · ask 2 in 2 · accept no · close"),
    (
        "early_stop",
        "tie",
        "yes yes no no no",
        "ask 3 in 1 · no_majority · ask 1 in 2 · no_majority · ask 1 in 3 · no_majority · physician",
    ),
    ("early_stop", "timeout", "yes no no silence", "ask 3 in 1 · no_majority · ask 2 in 2 · wait"),
    (
        "early_stop",
        "withdrawal",
        "yes yes yes withdraw yes",
        "ask 3 in 1 · accept yes · close · no_majority · ask 1 in 2 · accept yes · close",
    ),
    ("early_stop", "late", "yes yes yes late:no", "ask 3 in 1 · accept yes · close · accept yes · close"),
    ("ai_second_reader", "concordant", "model:no no", "ask 1 in 1 · accept no human_ai_pair · close"),
    (
        "ai_second_reader",
        "discordant",
        "model:no yes yes",
        "ask 1 in 1 · no_majority · ask 1 in 2 · accept yes · close",
    ),
    ("ai_second_reader", "tie", "model:no yes no", "ask 1 in 1 · no_majority · ask 1 in 2 · no_majority · physician"),
    ("ai_second_reader", "timeout", "model:no yes silence", "ask 1 in 1 · no_majority · ask 1 in 2 · wait"),
    (
        "ai_second_reader",
        "withdrawal",
        "model:no no withdraw no",
        "ask 1 in 1 · accept no human_ai_pair · close · no_majority · ask 1 in 2 · no_majority · physician",
    ),
    ("ai_second_reader", "late", "no model:no no", "ask 1 in 1 · ask 1 in 1 · accept no · close"),
    ("mammography_double_reading", "concordant", "no no", "ask 2 in 1 · accept no · close"),
    ("mammography_double_reading", "concordant recall", "yes yes", "ask 2 in 1 · arbitrate_concordant · physician"),
    ("mammography_double_reading", "discordant", "no yes", "ask 2 in 1 · no_majority · physician"),
    ("mammography_double_reading", "tie", "no blur", "ask 2 in 1 · no_majority · physician"),
    ("mammography_double_reading", "timeout", "no silence", "ask 2 in 1 · wait"),
    (
        "mammography_double_reading",
        "withdrawal",
        "no no withdraw",
        "ask 2 in 1 · accept no · close · no_majority · physician",
    ),
    ("mammography_double_reading", "late", "no no late:yes", "ask 2 in 1 · accept no · close · accept no · close"),
    ("vindr_three_plus_panel", "concordant", "no no no", "ask 3 in 1 · by_design · physician"),
    ("vindr_three_plus_panel", "concordant, train", "no no no", "ask 3 in 1 · accept no · close"),
    ("vindr_three_plus_panel", "discordant", "no no yes", "ask 3 in 1 · by_design · physician"),
    ("vindr_three_plus_panel", "tie", "no yes maybe", "ask 3 in 1 · no_majority · physician"),
    ("vindr_three_plus_panel", "tie, train", "no yes maybe", "ask 3 in 1 · no_majority · physician"),
    ("vindr_three_plus_panel", "timeout", "no no silence", "ask 3 in 1 · wait"),
    (
        "vindr_three_plus_panel",
        "withdrawal",
        "no no no withdraw",
        "ask 3 in 1 · by_design · physician · by_design · physician",
    ),
    (
        "vindr_three_plus_panel",
        "late",
        "no no no late:yes",
        "ask 3 in 1 · by_design · physician · by_design · physician",
    ),
    ("chexpert_truth_and_benchmark", "concordant", "no no no no no", "ask 5 in 1 · accept no · close"),
    ("chexpert_truth_and_benchmark", "discordant", "no no no yes yes", "ask 5 in 1 · accept no · close"),
    ("chexpert_truth_and_benchmark", "tie", "no no yes yes maybe", "ask 5 in 1 · no_majority · physician"),
    ("chexpert_truth_and_benchmark", "timeout", "no no no no silence", "ask 5 in 1 · wait"),
    (
        "chexpert_truth_and_benchmark",
        "withdrawal",
        "no no no yes yes withdraw",
        "ask 5 in 1 · accept no · close · no_majority · physician",
    ),
    ("chexpert_truth_and_benchmark", "late", "no no no no no benchmark:yes", "ask 5 in 1 · accept no · close · close"),
]


@pytest.mark.parametrize(("name", "what", "script", "steps"), SCENARIOS)
def test_what_a_protocol_asks_for(name, what, script, steps):
    document = {**DOCUMENTS[name], **(TRAIN if "train" in what else {}), "protocol": name}
    PROTOCOLS[name].check(document)
    assert " · ".join(Walk(name, document).run(script.split())) == steps


def test_every_protocol_meets_every_trouble():
    troubles = {"concordant", "discordant", "tie", "timeout", "withdrawal", "late"}
    for name in PROTOCOLS:
        assert troubles <= {what for one, what, *_ in SCENARIOS if one == name}, name
