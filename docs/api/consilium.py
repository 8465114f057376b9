"""A client of Consilium's API, in one file that needs the standard library alone.

Made from openapi.yaml by make_client.py; change that, not this. A refusal is raised as ``Refused`` with the problem
that the server states (RFC 9457).

    client = Client("https://consilium.example.org", token)
    for case in client.follow(client.list_cases("study")):
        print(case["key"])
"""

import hashlib
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Literal, NotRequired, TypeAlias, TypedDict, cast

# A file of a form: its name and its bytes.
File: TypeAlias = tuple[str, bytes]
PART_BYTES = 8 * 2**20


class AgreementOut(TypedDict):
    """The newest measurement; ``is_current`` is false when reads arrived since."""

    protocol: "int"
    input_digest: "str"
    code_version: "str"
    measured_at: "str"
    is_current: "bool"
    counted: "dict[str, Any]"
    estimates: "list[EstimateOut]"


class AlertOut(TypedDict):
    """A rule that holds now, why, and the way out."""

    code: "str"
    title: "str"
    reason: "str"
    way: "str"
    href: "str"


class AnnotationInRequest(TypedDict):
    """Your answer to one question of a case; ``mark`` numbers one of several findings."""

    case: "str"
    question: "str"
    value: "dict[str, Any]"
    mark: "NotRequired[str]"
    seconds: "NotRequired[float | None]"


class AnnotationOut(TypedDict):
    """One revision of an answer; a withdrawal has no label."""

    id: "str"
    case: "str"
    question: "str"
    reader: "str"
    mark: "str"
    revision: "int"
    label: "dict[str, Any] | None"
    digest: "str"


class AnnotationOutPage(TypedDict):
    """AnnotationOutPage."""

    items: "list[AnnotationOut]"
    next: "str | None"


class AssignmentsInRequest(TypedDict):
    """Every reader is seated at every case; without ``cases``, at all cases of the project."""

    cases: "NotRequired[list[str] | None]"
    readers: "list[str]"
    round: "NotRequired[int]"
    n_readers: "NotRequired[int | None]"


class AssignmentsOut(TypedDict):
    """How many seats are new."""

    n_new: "int"


class AuditOut(TypedDict):
    """One link of the project's chain of events."""

    number: "int"
    at: "str"
    actor: "str | None"
    action: "str"
    body: "dict[str, Any]"
    previous: "str"
    hash: "str"


class AuditOutPage(TypedDict):
    """AuditOutPage."""

    items: "list[AuditOut]"
    next: "str | None"


class AuditedOut(TypedDict):
    """What audits found on one question; `bound` is one-sided at 95 %, open contradictions count."""

    question: "str"
    n: "int"
    n_against: "int"
    n_upheld: "int"
    n_changed: "int"
    n_open: "int"
    share: "float | None"
    bound: "float | None"


class BatchOut(TypedDict):
    """What became of a batch; ``items`` only where ``partial=true`` was asked for."""

    n_saved: "int"
    n_refused: "int"
    items: "list[ItemOut]"


class BenchmarkInRequest(TypedDict):
    """How many readers are measured by the truth and have no vote in it."""

    n_readers: "int"


class BenchmarkOut(TypedDict):
    """The readers that were drawn."""

    readers: "list[str]"


BlankEnum: TypeAlias = "Literal['']"


class BlockerOut(TypedDict):
    """One reason that forbids a release."""

    code: "str"
    detail: "str"


class CaseFormRequest(TypedDict):
    """One case; shape in voxels and spacing in millimetres along (z, y, x), where an image is kn."""

    key: "str"
    subject: "str"
    strata: "NotRequired[dict[str, Any]]"
    shape: "NotRequired[list[int] | None]"
    spacing_mm: "NotRequired[list[float] | None]"


class CaseOut(TypedDict):
    """A case; subject and strata are shown to the QA lead only."""

    id: "str"
    key: "str"
    subject: "NotRequired[str]"
    strata: "NotRequired[dict[str, Any]]"


class CaseOutPage(TypedDict):
    """CaseOutPage."""

    items: "list[CaseOut]"
    next: "str | None"


class CasesInRequest(TypedDict):
    """Cases to be registered."""

    cases: "list[CaseFormRequest]"


class CasesOut(TypedDict):
    """How many are new, and how many were there."""

    n_new: "int"
    n_there: "int"


class ChangeOut(TypedDict):
    """What changed in one unit, and why."""

    case: "str"
    question: "str"
    finding: "str"
    what: "str"
    cause: "str"
    before: "dict[str, Any] | None"
    after: "dict[str, Any] | None"


ChannelInKindEnum: TypeAlias = "Literal['mail', 'hook']"


class ChannelInRequest(TypedDict):
    """Where alerts go, and which: the codes of rules, all without them."""

    kind: "ChannelInKindEnum"
    address: "str"
    rules: "NotRequired[list[RulesEnum]]"


class ChannelOut(TypedDict):
    """A channel, and whether its last message was taken."""

    id: "str"
    kind: "str"
    address: "str"
    rules: "list[str]"
    last_sent_at: "str | None"
    last_fault: "str | None"


class ChannelOutPage(TypedDict):
    """ChannelOutPage."""

    items: "list[ChannelOut]"
    next: "str | None"


class ChecksOut(TypedDict):
    """Everything that is read twice, and what came of it; `asked` by purpose: seats, and finishe."""

    asked: "dict[str, Any]"
    policy: "dict[str, Any] | None"
    audits: "list[AuditedOut]"
    controls: "list[ControlOut]"
    doubts: "list[DoubtOut]"
    release: "int | None"
    benchmark: "list[str]"


class ChoiceOut(TypedDict):
    """A code with its title."""

    code: "str"
    title: "str"


class ClaimOut(TypedDict):
    """A hold: until it ends the dispute is yours alone; the fence goes with the decision."""

    id: "str"
    url: "str"
    fence: "int"
    seconds_left: "int"


class CombinedOut(TypedDict):
    """What may be taken of several readers' regions together."""

    decision: "str"
    summary: "str"


class ComparisonOut(TypedDict):
    """Both sides and the second less the first; ``estimates`` by measure and side (kappa_before ."""

    question: "str"
    n_before: "int"
    n_after: "int"
    n_both: "int"
    n_apart: "int"
    sentence: "str"
    estimates: "dict[str, Any]"
    test: "dict[str, Any] | None"


class CompletionOut(TypedDict):
    """Readings left, the pace, and the day on which they will be done, with its prediction inter."""

    n_left: "int"
    n_reads: "int"
    n_days: "int"
    per_day: "float | None"
    days: "float | None"
    low: "float | None"
    high: "float | None"
    undefined: "str"
    on: "str | None"
    earliest: "str | None"
    latest: "str | None"


class ComputedOut(TypedDict):
    """The results by part: an estimate, a test or a chart, each with its counts or the reason wh."""

    statistic: "str"
    family: "str"
    parts: "list[dict[str, Any]]"
    reference: "str"
    says: "str"


class ControlOut(TypedDict):
    """One reader on the controls of one question; bounds after Wilson, the test after Wald."""

    question: "str"
    reader: "str"
    share: "dict[str, Any]"
    test: "dict[str, Any] | None"


class ControlsInRequest(TypedDict):
    """What share of each reader's waiting cases, controls included, are controls."""

    share: "float"


class DecidedOut(TypedDict):
    """A decision as it was recorded; ``cases`` are those of a re-read, in an order that tells no."""

    what: "str"
    reason: "str"
    by: "str"
    at: "str"
    question: "str"
    cases: "list[str]"


class DecidedOutPage(TypedDict):
    """DecidedOutPage."""

    items: "list[DecidedOut]"
    next: "str | None"


DecisionInDecisionEnum: TypeAlias = (
    "Literal['reader', 'consensus', 'union', 'intersection', 'own', 'nothing', 'exclude']"
)


class DecisionInRequest(TypedDict):
    """A decision with its reasons and the signer's password, over the digest of what was shown."""

    decision: "DecisionInDecisionEnum"
    letter: "NotRequired[str]"
    value: "NotRequired[dict[str, Any] | None]"
    rationale: "NotRequired[str]"
    cause: "NotRequired[str]"
    confidence: "NotRequired[str]"
    password: "str"
    shown_digest: "str"
    fence: "int"


class DecisionOut(TypedDict):
    """The signature."""

    id: "str"
    decision: "DecisionOutDecisionEnum"
    signed_name: "str"
    meaning: "str"
    signed_at: "str"
    digest: "str"


DecisionOutDecisionEnum: TypeAlias = (
    "Literal['reader', 'consensus', 'union', 'intersection', 'own', 'nothing', 'exclude', 'panel', 'no_consensus']"
)


class DeliveriesOut(TypedDict):
    """The register of a release."""

    items: "list[DeliveryOut]"


class DeliveryOut(TypedDict):
    """Who was handed which file."""

    name: "str"
    file: "str"
    at: "str"


class DiffOut(TypedDict):
    """Every change from one release to another, unit by unit."""

    bump: "str"
    counts: "dict[str, int]"
    n_same: "int"
    changes: "list[ChangeOut]"


class DisputeOut(TypedDict):
    """A dispute in the queue; the members after ``is_mine`` are for the QA lead, who is not blin."""

    id: "str"
    question: "str"
    question_title: "str"
    kind: "str"
    finding: "str"
    is_mine: "bool"
    case: "NotRequired[str]"
    cause: "NotRequired[str]"
    sentence: "NotRequired[str]"
    priority: "NotRequired[float]"
    round: "NotRequired[int]"
    opened_at: "NotRequired[str]"
    is_held: "NotRequired[bool]"


class DisputeOutPage(TypedDict):
    """DisputeOutPage."""

    items: "list[DisputeOut]"
    next: "str | None"


class DisputeViewOut(TypedDict):
    """What the decision is made from; ``case_data`` is what the viewer draws."""

    id: "str"
    round: "int"
    question: "str"
    question_title: "str"
    kind: "str"
    finding: "str"
    cause: "str"
    sentence: "str"
    reads: "list[ReadOut]"
    consensus_summary: "str | None"
    consensus_label: "dict[str, Any] | None"
    combined: "list[CombinedOut]"
    choices: "list[ChoiceOut]"
    unit: "str"
    causes: "list[ChoiceOut]"
    shown_digest: "str"
    fence: "int"
    seconds_left: "int"
    draft: "dict[str, Any]"
    draft_revision: "int"
    must_look: "bool"
    first_look: "str"
    can_refer: "bool"
    panel: "dict[str, Any]"
    case_data: "dict[str, Any]"


class DoubtOut(TypedDict):
    """A control that so many of its readers contradict that it is not scored."""

    case: "str"
    question: "str"
    n: "int"
    n_against: "int"


class DraftOut(TypedDict):
    """The draft that is kept; its revision is the ETag."""

    revision: "int"


class EffortOut(TypedDict):
    """Minutes, and money where rates are given, of a settled case."""

    n_settled: "int"
    n_untimed: "int"
    reading: "dict[str, Any]"
    deciding: "dict[str, Any]"
    cost: "dict[str, Any] | None"


class EstimateOut(TypedDict):
    """One statistic of one question; ``undefined`` in the estimate gives a reason in place of a ."""

    question: "str"
    statistic: "str"
    population: "str"
    pair: "list[str]"
    estimate: "dict[str, Any]"


class ExclusionInRequest(TypedDict):
    """Why a case is taken out of the count."""

    reason: "str"
    note: "NotRequired[str]"


class ExclusionOut(TypedDict):
    """The exclusion in force."""

    case: "str"
    reason: "str"
    note: "str"


class Fault(TypedDict):
    """Fault."""

    pointer: "str"
    code: "str"
    detail: "str"
    file: "NotRequired[str]"
    line: "NotRequired[int]"


class FileOut(TypedDict):
    """One file of the package."""

    name: "str"
    size: "int"
    digest: "str"


class FinishOut(TypedDict):
    """The reading that counts from now on."""

    case: "str"
    round: "int"


FirstLookInDecisionEnum: TypeAlias = "Literal['own', 'nothing', 'exclude']"


class FirstLookInRequest(TypedDict):
    """What you answer from the image alone."""

    decision: "FirstLookInDecisionEnum"
    value: "NotRequired[dict[str, Any] | None]"
    fence: "int"


class FirstLookOut(TypedDict):
    """Your first answer as it is kept."""

    decision: "str"
    label: "dict[str, Any] | None"
    given_at: "str"


class FormatOut(TypedDict):
    """A format, the questions that it can hold, and what it loses."""

    name: "str"
    title: "str"
    suffix: "str"
    media_type: "str"
    url: "str"
    questions: "list[str]"
    refused: "list[RefusalOut]"
    loses: "list[str]"


class FormatsOut(TypedDict):
    """Every format that a release can be asked for in."""

    items: "list[FormatOut]"


class GiveBackInRequest(TypedDict):
    """Why a dispute is given back."""

    reason: "NotRequired[str]"


class HistoriesOut(TypedDict):
    """Agreement over time, by month and by file where these divide the cases."""

    items: "list[HistoryOut]"


class HistoryOut(TypedDict):
    """The periods of one kind, oldest first, and what they say."""

    by: "str"
    sentence: "str"
    periods: "list[PeriodOut]"


class ImagesInRequest(TypedDict):
    """Images; the slices of a DICOM series belong together, whatever their names are."""

    files: "NotRequired[list[File]]"
    uploads: "NotRequired[list[str]]"
    case: "NotRequired[str]"
    subject: "NotRequired[str]"
    keeps_names: "NotRequired[bool]"
    is_clean: "NotRequired[bool]"
    take: "NotRequired[TakeEnum]"
    dry_run: "NotRequired[bool]"


class ImagesOut(TypedDict):
    """What became of the files."""

    n_files: "int"
    taken: "list[TakenOut]"
    refused: "list[RefusedOut]"
    dry_run: "bool"


class ImportInRequest(TypedDict):
    """A file of reads; ``options`` is a JSON object of the format's own options."""

    file: "NotRequired[File]"
    upload: "NotRequired[str]"
    format: "str"
    options: "NotRequired[str]"
    take: "NotRequired[TakeEnum]"


class ImportOut(TypedDict):
    """An import: a file with problems is taken whole or not at all, unless its good part was ask."""

    id: "str"
    url: "str"
    file: "str"
    format: "str"
    digest: "str"
    work: "WorkOut"
    n_lines: "int | None"
    n_committed: "int"
    n_already_there: "int"
    n_problems: "int"
    problems: "list[ImportProblemOut]"


class ImportOutPage(TypedDict):
    """ImportOutPage."""

    items: "list[ImportOut]"
    next: "str | None"


class ImportProblemOut(TypedDict):
    """One fault of a file."""

    file: "str"
    line: "int | None"
    field: "str | None"
    code: "str"
    detail: "str"


class ItemOut(TypedDict):
    """What became of one item of a batch, by its place."""

    place: "int"
    saved: "bool"
    errors: "list[dict[str, Any]]"


class LedgerOut(TypedDict):
    """Every cell (case × question) in exactly one disposition; the counts close to ``n_cells``."""

    n_cases: "int"
    n_questions: "int"
    n_cells: "int"
    is_closed: "bool"
    counts: "dict[str, int]"
    by_question: "dict[str, dict[str, int]]"
    excluded_why: "dict[str, int]"
    collecting_why: "dict[str, int]"


class MemberInRequest(TypedDict):
    """The role that a person gets."""

    role: "RoleEnum"


class MemberOut(TypedDict):
    """A person's role in the project."""

    username: "str"
    role: "RoleEnum"


class MemberOutPage(TypedDict):
    """MemberOutPage."""

    items: "list[MemberOut]"
    next: "str | None"


class MessageOut(TypedDict):
    """What was sent, and why it was not taken where it was not."""

    sent_at: "str"
    codes: "list[str]"
    fault: "str"


class MethodOut(TypedDict):
    """A consensus method and what must be posted to its ``url``."""

    name: "str"
    title: "str"
    takes: "str"
    scope: "str"
    reference: "str"
    facts: "list[str]"
    options: "dict[str, Any]"
    is_offered: "bool"
    url: "str"


class MethodOutPage(TypedDict):
    """MethodOutPage."""

    items: "list[MethodOut]"
    next: "str | None"


class MethodResultOut(TypedDict):
    """One consensus method on all units of a question; ``place`` 0 is the protocol's own."""

    question: "str"
    method: "str"
    place: "int"
    outcomes: "dict[str, Any]"
    n_units: "int"
    n_same: "int"
    parted: "list[Any]"
    learned: "dict[str, Any]"


class MethodResultOutPage(TypedDict):
    """MethodResultOutPage."""

    items: "list[MethodResultOut]"
    next: "str | None"


class NextInRequest(TypedDict):
    """Disputes that you passed over; they come last."""

    passing: "NotRequired[list[str]]"


NoticeInKindEnum: TypeAlias = "Literal['erratum', 'withdrawal']"


class NoticeInRequest(TypedDict):
    """What is wrong with a release."""

    kind: "NoticeInKindEnum"
    text: "str"
    units: "NotRequired[list[list[str]]]"
    password: "str"


class NoticeOut(TypedDict):
    """A signed word about a release."""

    number: "int"
    kind: "str"
    text: "str"
    units: "list[Any]"
    signed_name: "str"
    signed_at: "str"


class NoticesOut(TypedDict):
    """Everything that was said about a release, signed; `verify --notices` reads this as a file."""

    release: "dict[str, Any]"
    notices: "list[NoticeOut]"
    as_of: "str"
    key: "str"
    public_key: "str"
    signature: "str"


NullEnum: TypeAlias = "None"


class OrderOut(TypedDict):
    """An ordered release; `release` is its number once it is frozen, and `refusal` says why it n."""

    id: "str"
    url: "str"
    asked_at: "str"
    is_cancelled: "bool"
    release: "int | None"
    release_url: "str | None"
    refusal: "OrderRefusalOut | None"
    work: "WorkOut"


class OrderRefusalOut(TypedDict):
    """Why there is no release, as a refusal of the request itself would have said it."""

    code: "str"
    title: "str"
    detail: "str"
    data: "dict[str, Any]"
    errors: "list[dict[str, Any]]"


class OutlookOut(TypedDict):
    """What is ahead of a project."""

    finish: "CompletionOut"
    effort: "EffortOut"
    alerts: "list[AlertOut]"


class ParameterOut(TypedDict):
    """One thing that a plan needs to know; ``default`` is taken where nothing is given."""

    name: "str"
    kind: "str"
    says: "str"
    default: "Any | None"
    low: "float"
    high: "float"
    is_required: "bool"


class PatchedActivityInRequest(TypedDict):
    """Whether a reader reads on."""

    is_active: "NotRequired[bool]"


class PeriodOut(TypedDict):
    """One month or file."""

    name: "str"
    mean: "dict[str, Any]"
    gap: "dict[str, Any] | None"
    test: "dict[str, Any] | None"


class PlanOut(TypedDict):
    """A plan that can be asked for at its ``url``."""

    name: "str"
    title: "str"
    says: "str"
    reference: "str"
    parameters: "list[ParameterOut]"
    url: "str"


class PlanOutPage(TypedDict):
    """PlanOutPage."""

    items: "list[PlanOut]"
    next: "str | None"


class PlannedOut(TypedDict):
    """The answer; ``undefined`` gives a reason in place of a value."""

    plan: "str"
    parameters: "dict[str, Any]"
    value: "float | None"
    says: "str"
    details: "dict[str, Any]"
    undefined: "str | None"
    warnings: "list[str]"
    reference: "str"


class PreflightOut(TypedDict):
    """What a release would hold now, and what forbids it."""

    is_ready: "bool"
    n_units: "int"
    n_gold_units: "int"
    n_open_disputes: "int"
    n_open_cells: "int"
    n_due: "int"
    n_stuck: "int"
    n_imports: "int"
    blockers: "list[BlockerOut]"


class Problem(TypedDict):
    """RFC 9457."""

    type: "str"
    title: "str"
    status: "int"
    code: "str"
    detail: "NotRequired[str]"
    instance: "str"
    data: "NotRequired[dict[str, Any]]"
    errors: "NotRequired[list[Fault]]"


class ProgressOut(TypedDict):
    """How far the worker is."""

    n_cases: "int"
    n_due: "int"
    n_stuck: "int"
    n_imports: "int"
    is_reporting: "bool"


class ProjectDetailOut(TypedDict):
    """A project; progress and ledger are null for roles that may not read reports."""

    slug: "str"
    name: "str"
    description: "str"
    attribution: "str"
    simulated_note: "str"
    role: "RoleEnum | NullEnum"
    url: "str"
    progress: "ProgressOut | None"
    ledger: "LedgerOut | None"


class ProjectInRequest(TypedDict):
    """A project to be opened."""

    slug: "str"
    name: "str"
    description: "NotRequired[str]"
    attribution: "NotRequired[str]"
    simulated_note: "NotRequired[str]"
    knows_readers: "NotRequired[bool]"


class ProjectOut(TypedDict):
    """A project as a member sees it; ``role`` is null for the administrator."""

    slug: "str"
    name: "str"
    description: "str"
    attribution: "str"
    simulated_note: "str"
    role: "RoleEnum | NullEnum"
    url: "str"


class ProjectOutPage(TypedDict):
    """ProjectOutPage."""

    items: "list[ProjectOut]"
    next: "str | None"


class ProtocolInRequest(TypedDict):
    """A protocol document, as its protocol's page describes it."""

    document: "dict[str, Any]"


class ProtocolOut(TypedDict):
    """A version of the protocol."""

    number: "int"
    name: "str"
    digest: "str"
    document: "dict[str, Any]"
    url: "str"


class QuestionForm(TypedDict):
    """One question; ``about`` is the code of the question whose marks it describes."""

    code: "str"
    title: "str"
    kind: "str"
    scale: "str"
    definition: "NotRequired[dict[str, Any]]"
    about: "NotRequired[str]"


class QuestionFormRequest(TypedDict):
    """One question; ``about`` is the code of the question whose marks it describes."""

    code: "str"
    title: "str"
    kind: "str"
    scale: "str"
    definition: "NotRequired[dict[str, Any]]"
    about: "NotRequired[str]"


RaiseToEnum: TypeAlias = "Literal['minor', 'major']"


class ReadOut(TypedDict):
    """One read under its letter; the label is null where ``case_data`` draws it."""

    letter: "str"
    summary: "str"
    label: "dict[str, Any] | None"


class ReaderDecisionInRequest(TypedDict):
    """A decision about a reader, with its reason; a re-read names its question."""

    what: "WhatEnum"
    reason: "str"
    question: "NotRequired[str]"


class ReaderInRequest(TypedDict):
    """A reader under a code; ``username`` for a person who signs in here."""

    code: "str"
    username: "NotRequired[str]"
    kind: "NotRequired[ReaderKindEnum]"
    version: "NotRequired[str]"


ReaderKindEnum: TypeAlias = "Literal['human', 'model']"


class ReaderOut(TypedDict):
    """A reader; only the QA lead sees who it is."""

    code: "str"
    username: "str | None"
    kind: "ReaderKindEnum"
    version: "str"
    reads_for: "str"
    is_active: "bool"


class ReaderOutPage(TypedDict):
    """ReaderOutPage."""

    items: "list[ReaderOut]"
    next: "str | None"


class ReaderResultOut(TypedDict):
    """One result about one reader on one question: an estimate, a test or a chart."""

    question: "str"
    reader: "str"
    statistic: "str"
    part: "str"
    against: "str"
    result: "dict[str, Any]"


class ReaderResultOutPage(TypedDict):
    """ReaderResultOutPage."""

    items: "list[ReaderResultOut]"
    next: "str | None"


class ReferInRequest(TypedDict):
    """Why a panel is needed."""

    reason: "str"
    fence: "int"


class RefusalOut(TypedDict):
    """A question that a format cannot hold."""

    question: "str"
    reason: "str"


class RefusedOut(TypedDict):
    """An image that was not taken, with its reason."""

    files: "list[int]"
    code: "str"
    detail: "str"


class ReleaseInRequest(TypedDict):
    """A release to be frozen; with ``require_complete`` open cells forbid it, else they are list."""

    note: "NotRequired[str]"
    require_complete: "NotRequired[bool]"
    splits: "NotRequired[SplitsInRequest | None]"
    raise_to: "NotRequired[RaiseToEnum | BlankEnum]"


class ReleaseOut(TypedDict):
    """A frozen release; the files are there when ``work.state`` is done."""

    number: "int"
    url: "str"
    package_url: "str"
    digest: "str"
    protocol: "int"
    version: "str"
    is_signed: "bool"
    is_withdrawn: "bool"
    n_notices: "int"
    parent: "int | None"
    note: "str"
    frozen_at: "str"
    ledger: "dict[str, Any]"
    work: "WorkOut"
    files: "list[FileOut]"


class ReleaseOutPage(TypedDict):
    """ReleaseOutPage."""

    items: "list[ReleaseOut]"
    next: "str | None"


class RepeatsInRequest(TypedDict):
    """What share of each reader's finished reads is read again, and how long after the first loo."""

    share: "float"
    washout_days: "NotRequired[int]"


class RequirementOut(TypedDict):
    """A reader against what is required on a question: passes, fails, or too few to say."""

    question: "str"
    reader: "str"
    required: "float"
    result: "dict[str, Any] | None"
    verdict: "str"
    worst_label: "str"
    worst_result: "dict[str, Any] | None"
    worst_verdict: "str"


class RequirementOutPage(TypedDict):
    """RequirementOutPage."""

    items: "list[RequirementOut]"
    next: "str | None"


RoleEnum: TypeAlias = "Literal['qa_lead', 'annotator', 'adjudicator', 'vendor']"


RulesEnum: TypeAlias = (
    "Literal['dispute-waits', 'nobody-reads', 'low-agreement', 'reader-fails', 'reader-drifts', 'release', 'notice']"
)


class SchemaInRequest(TypedDict):
    """The next version of the questions."""

    guideline: "NotRequired[str]"
    questions: "list[QuestionFormRequest]"


class SchemaOut(TypedDict):
    """A version of the questions."""

    version: "int"
    digest: "str"
    guideline: "str"
    questions: "list[QuestionForm]"
    url: "str"


ScopeEnum: TypeAlias = "Literal['all', 'read', 'submit']"


class SeatOut(TypedDict):
    """A case that waits for you."""

    case: "str"
    id: "str"
    round: "int"
    finish_url: "str"


class SeatOutPage(TypedDict):
    """SeatOutPage."""

    items: "list[SeatOut]"
    next: "str | None"


class SeatsOut(TypedDict):
    """New seats by the code of their reader; which cases they are is told to nobody."""

    n_new: "int"
    readers: "dict[str, int]"


class SettledOut(TypedDict):
    """What the method made of each unit; or, learned from all units, of each pattern of answers."""

    method: "str"
    reference: "str"
    units: "NotRequired[list[Any]]"
    learned: "NotRequired[dict[str, Any]]"
    patterns: "NotRequired[list[Any]]"
    counts: "NotRequired[list[Any]]"


class SignatureInRequest(TypedDict):
    """Your password, for the signature."""

    password: "str"


class SignatureOut(TypedDict):
    """A person's signature under a release."""

    signed_name: "str"
    meaning: "str"
    signed_at: "str"
    digest: "str"


class SplitsInRequest(TypedDict):
    """How patients are split; those of an earlier release keep the split that it gave them."""

    shares: "dict[str, float]"
    by: "NotRequired[str]"
    seed: "NotRequired[str]"


StateEnum: TypeAlias = "Literal['waiting', 'running', 'stuck', 'done']"


class StatisticOut(TypedDict):
    """A statistic, what must be posted to its ``url``, and what it says."""

    name: "str"
    family: "str"
    title: "str"
    says: "str"
    reference: "str"
    scales: "list[str]"
    answer: "str"
    facts: "list[str]"
    options: "dict[str, Any]"
    url: "str"


class StatisticOutPage(TypedDict):
    """StatisticOutPage."""

    items: "list[StatisticOut]"
    next: "str | None"


class SubgroupOut(TypedDict):
    """One group of units beside all others."""

    question: "str"
    attribute: "str"
    group: "str"
    n_units: "int"
    mean: "float"
    gap: "dict[str, Any]"
    test: "dict[str, Any]"


class SubgroupOutPage(TypedDict):
    """SubgroupOutPage."""

    items: "list[SubgroupOut]"
    next: "str | None"


class SubmittedOut(TypedDict):
    """What was saved; ``saved`` is false where the same answer stood already."""

    saved: "bool"
    annotation: "AnnotationOut | None"


TakeEnum: TypeAlias = "Literal['all', 'good']"


class TakenOut(TypedDict):
    """An image as a case: what was kept of its header, and which attributes were removed; never ."""

    case: "str"
    subject: "str"
    files: "list[int]"
    shape: "list[int]"
    spacing_mm: "list[float] | None"
    notes: "list[str]"
    kept: "dict[str, Any]"
    removed: "list[str]"
    n_private: "int"
    is_new: "bool | None"


class TokenInRequest(TypedDict):
    """A token to be made; without ``expires_at`` it lasts until it is revoked."""

    name: "str"
    scope: "NotRequired[ScopeEnum]"
    expires_at: "NotRequired[str | None]"


class TokenOut(TypedDict):
    """A token; ``token`` is in the first answer only."""

    id: "int"
    name: "str"
    scope: "ScopeEnum"
    created_at: "str"
    expires_at: "str | None"
    token: "NotRequired[str]"


class TokenOutPage(TypedDict):
    """TokenOutPage."""

    items: "list[TokenOut]"
    next: "str | None"


class UploadInRequest(TypedDict):
    """A file that will come in parts."""

    file_name: "str"
    size: "int"
    sha256: "str"


class UploadOut(TypedDict):
    """How far a file is; it is whole when ``received`` is ``size``."""

    id: "str"
    url: "str"
    file_name: "str"
    size: "int"
    received: "int"
    part_size: "int"


WhatEnum: TypeAlias = "Literal['paused', 'resumed', 'retraining_asked', 'reread_proposed']"


class WithdrawalInRequest(TypedDict):
    """Why an answer is withdrawn."""

    reason: "str"


class WorkOut(TypedDict):
    """Where the worker is with it; the same member for everything that takes long."""

    state: "StateEnum"
    progress: "float | None"
    attempts: "int"
    problem: "str | None"


class Refused(Exception):
    """The server refused; ``problem`` is what it said, ``code`` its stable code."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code', '')}: {problem.get('detail') or problem.get('title', '')}")
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code", ""))


def _part(value: object) -> str:
    return urllib.parse.quote(str(value), safe="")


def _form(fields: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return a form as multipart bytes, and its content type; a list becomes several fields of one name."""
    border = secrets.token_hex(16)
    lines: list[bytes] = []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            lines.append(f"--{border}\r\n".encode())
            if isinstance(one, tuple):
                file_name = one[0].replace('"', "").replace("\r", "").replace("\n", "")
                lines.append(f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'.encode())
                lines += [b"Content-Type: application/octet-stream\r\n\r\n", one[1], b"\r\n"]
            else:
                text = str(one).lower() if isinstance(one, bool) else str(one)
                lines.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode())
    lines.append(f"--{border}--\r\n".encode())
    return b"".join(lines), f"multipart/form-data; boundary={border}"


def _problem(said: bytes) -> Mapping[str, Any]:
    try:
        problem = json.loads(said)
    except ValueError:
        problem = None
    return problem if isinstance(problem, dict) else {"code": "", "detail": said[:200].decode("utf-8", "replace")}


class Client:
    """Every operation of the API as a method.

    Parameters
    ----------
    url : str
        Where the server is, with http or https.
    token : str
        A token of a person, or of a service account of a model.
    timeout : float
        Seconds after which a request is given up.
    """

    def __init__(self, url: str, token: str, timeout: float = 120.0) -> None:
        if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("The address of a server begins with http:// or https://.")
        self._url = url.rstrip("/")
        self._token = token
        self._timeout = timeout

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Any = None,
        content: bytes | None = None,
        once: str = "",
        raw: bool = False,
    ) -> Any:
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        address = self._url + path + ("?" + urllib.parse.urlencode(asked) if asked else "")
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "*/*"}
        data = content
        if content is not None:
            headers["Content-Type"] = "application/octet-stream"
        elif form is not None:
            data, headers["Content-Type"] = _form(form)
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body, allow_nan=False).encode(), "application/json"
        if once:
            headers["Idempotency-Key"] = once
        request = urllib.request.Request(address, data=data, headers=headers, method=method)  # noqa: S310 - checked
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:  # noqa: S310
                said = answer.read()
        except urllib.error.HTTPError as error:
            raise Refused(error.code, _problem(error.read())) from error
        if raw:
            return said
        return json.loads(said) if said else None

    def follow(self, page: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the items of a page and of all that follow it."""
        yield from page["items"]
        while page["next"]:
            page = self._ask("GET", page["next"])
            yield from page["items"]

    def upload(self, slug: str, file_name: str, stream: BinaryIO) -> str:
        """Send a large file in parts and return its id; the same file again goes on where it stopped."""
        digest = hashlib.sha256()
        while piece := stream.read(PART_BYTES):
            digest.update(piece)
        size = stream.tell()
        found = self.open_upload(slug, {"file_name": file_name, "size": size, "sha256": digest.hexdigest()})
        while found["received"] < size:
            stream.seek(found["received"])
            part = stream.read(min(PART_BYTES, found["part_size"]))
            found = self.send_part(slug, found["id"], found["received"], part)
        return found["id"]

    def list_methods(self) -> MethodOutPage:
        """List the consensus methods, with what each needs."""
        return cast("MethodOutPage", self._ask("GET", "/api/v1/methods"))

    def compute_consensus(self, name: str | int, *, body: dict[str, Any] | None = None) -> SettledOut:
        """Settle the posted reads by a method."""
        return cast("SettledOut", self._ask("POST", f"/api/v1/methods/{_part(name)}", body=body))

    def list_plans(self) -> PlanOutPage:
        """List the plans, with what each needs to know."""
        return cast("PlanOutPage", self._ask("GET", "/api/v1/plans"))

    def ask_plan(self, name: str | int, *, body: dict[str, Any] | None = None) -> PlannedOut:
        """Ask a plan: its parameters in, the answer with its source out."""
        return cast("PlannedOut", self._ask("POST", f"/api/v1/plans/{_part(name)}", body=body))

    def list_projects(self, *, after: str | None = None, limit: int | None = None) -> ProjectOutPage:
        """List the projects in which you have a role."""
        return cast("ProjectOutPage", self._ask("GET", "/api/v1/projects", query={"after": after, "limit": limit}))

    def open_project(self, body: ProjectInRequest, *, once: str = "") -> ProjectOut:
        """Open a project; you become its first QA lead."""
        return cast("ProjectOut", self._ask("POST", "/api/v1/projects", body=body, once=once))

    def get_project(self, slug: str | int) -> ProjectDetailOut:
        """Read a project: your role, and for the QA lead progress and ledger."""
        return cast("ProjectDetailOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}"))

    def get_agreement(self, slug: str | int) -> AgreementOut:
        """Read the newest agreement results of the project."""
        return cast("AgreementOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/agreement"))

    def list_annotations(
        self,
        slug: str | int,
        *,
        after: str | None = None,
        case: str | None = None,
        limit: int | None = None,
        question: str | None = None,
        reader: str | None = None,
        revisions: Literal["all", "standing"] | None = None,
    ) -> AnnotationOutPage:
        """List answers: your own, or all for the QA lead; the standing ones unless all revisions are."""
        return cast(
            "AnnotationOutPage",
            self._ask(
                "GET",
                f"/api/v1/projects/{_part(slug)}/annotations",
                query={
                    "after": after,
                    "case": case,
                    "limit": limit,
                    "question": question,
                    "reader": reader,
                    "revisions": revisions,
                },
            ),
        )

    def submit_annotation(self, slug: str | int, body: AnnotationInRequest, *, once: str = "") -> SubmittedOut:
        """Submit your answer to one question; a draft until you finish the reading of the case."""
        return cast(
            "SubmittedOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/annotations", body=body, once=once)
        )

    def withdraw_annotation(
        self, slug: str | int, annotation: str | int, body: WithdrawalInRequest, *, once: str = ""
    ) -> AnnotationOut:
        """Withdraw a standing answer by a new revision without a label; the old one stays readable."""
        return cast(
            "AnnotationOut",
            self._ask(
                "POST", f"/api/v1/projects/{_part(slug)}/annotations/{_part(annotation)}/withdraw", body=body, once=once
            ),
        )

    def submit_annotations(
        self, slug: str | int, body: list[AnnotationInRequest], *, partial: bool | None = None, once: str = ""
    ) -> BatchOut:
        """Submit up to 5,000 answers of yours: all or none, or with ``partial=true`` each for itself."""
        return cast(
            "BatchOut",
            self._ask(
                "POST",
                f"/api/v1/projects/{_part(slug)}/annotations:batch",
                query={"partial": partial},
                body=body,
                once=once,
            ),
        )

    def assign_readers(self, slug: str | int, body: AssignmentsInRequest, *, once: str = "") -> AssignmentsOut:
        """Seat readers at cases; seats that are there already stay."""
        return cast(
            "AssignmentsOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/assignments", body=body, once=once)
        )

    def list_audit_events(self, slug: str | int, *, after: str | None = None, limit: int | None = None) -> AuditOutPage:
        """List the events of the project in their order; each holds the hash of the one before."""
        return cast(
            "AuditOutPage",
            self._ask("GET", f"/api/v1/projects/{_part(slug)}/audit", query={"after": after, "limit": limit}),
        )

    def draw_benchmark(self, slug: str | int, body: BenchmarkInRequest, *, once: str = "") -> BenchmarkOut:
        """Draw the readers who serve as benchmark, before anybody has read; once."""
        return cast(
            "BenchmarkOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/benchmark", body=body, once=once)
        )

    def list_cases(self, slug: str | int, *, after: str | None = None, limit: int | None = None) -> CaseOutPage:
        """List the cases that you may see: all for the QA lead, those with a seat of yours for an an."""
        return cast(
            "CaseOutPage",
            self._ask("GET", f"/api/v1/projects/{_part(slug)}/cases", query={"after": after, "limit": limit}),
        )

    def register_cases(self, slug: str | int, body: CasesInRequest, *, once: str = "") -> CasesOut:
        """Register cases; keys that are there already are left alone."""
        return cast("CasesOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/cases", body=body, once=once))

    def exclude_case(
        self, slug: str | int, case: str | int, body: ExclusionInRequest, *, once: str = ""
    ) -> ExclusionOut:
        """Exclude a case, with a reason that every report shows."""
        return cast(
            "ExclusionOut",
            self._ask("POST", f"/api/v1/projects/{_part(slug)}/cases/{_part(case)}/exclude", body=body, once=once),
        )

    def finish_reading(self, slug: str | int, case: str | int, *, once: str = "") -> FinishOut:
        """Finish your reading: its answers count from now on and cannot be changed."""
        return cast(
            "FinishOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/cases/{_part(case)}/finish", once=once)
        )

    def list_channels(self, slug: str | int, *, after: str | None = None, limit: int | None = None) -> ChannelOutPage:
        """List the open channels."""
        return cast(
            "ChannelOutPage",
            self._ask("GET", f"/api/v1/projects/{_part(slug)}/channels", query={"after": after, "limit": limit}),
        )

    def open_channel(self, slug: str | int, body: ChannelInRequest, *, once: str = "") -> ChannelOut:
        """Open a channel."""
        return cast("ChannelOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/channels", body=body, once=once))

    def close_channel(self, slug: str | int, channel: str | int) -> None:
        """Close the channel."""
        self._ask("DELETE", f"/api/v1/projects/{_part(slug)}/channels/{_part(channel)}")

    def test_channel(self, slug: str | int, channel: str | int) -> MessageOut:
        """Send a test now; `fault` says why it was not taken."""
        return cast("MessageOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/channels/{_part(channel)}/test"))

    def get_checks(self, slug: str | int) -> ChecksOut:
        """Read what audits and controls found."""
        return cast("ChecksOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/checks"))

    def compare_sides(
        self,
        slug: str | int,
        code: str | int,
        *,
        by: str | None = None,
        first: str | None = None,
        second: str | None = None,
        with_: str | None = None,
    ) -> ComparisonOut:
        """Compare two panels of readers, two projects on the same cases, or two groups of cases."""
        return cast(
            "ComparisonOut",
            self._ask(
                "GET",
                f"/api/v1/projects/{_part(slug)}/comparison/{_part(code)}",
                query={"by": by, "first": first, "second": second, "with": with_},
            ),
        )

    def seat_controls(self, slug: str | int, body: ControlsInRequest, *, once: str = "") -> SeatsOut:
        """Hide cases with a released label in readers' work until they make up a share of it."""
        return cast("SeatsOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/controls", body=body, once=once))

    def list_disputes(self, slug: str | int, *, after: str | None = None, limit: int | None = None) -> DisputeOutPage:
        """List open disputes in the order of the queue: those open to you, or all for the QA lead."""
        return cast(
            "DisputeOutPage",
            self._ask("GET", f"/api/v1/projects/{_part(slug)}/disputes", query={"after": after, "limit": limit}),
        )

    def get_dispute(self, slug: str | int, dispute: str | int) -> DisputeViewOut:
        """Read the evidence under letters, while you hold the dispute; that you saw it is recorded."""
        return cast("DisputeViewOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/disputes/{_part(dispute)}"))

    def claim_dispute(self, slug: str | int, dispute: str | int) -> ClaimOut:
        """Hold a dispute for half an hour; again while you hold it, to extend the hold up to two hou."""
        return cast("ClaimOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/disputes/{_part(dispute)}/claim"))

    def sign_decision(
        self, slug: str | int, dispute: str | int, body: DecisionInRequest, *, once: str = ""
    ) -> DecisionOut:
        """Sign a decision while you hold the dispute; it cannot be changed afterwards."""
        return cast(
            "DecisionOut",
            self._ask(
                "POST", f"/api/v1/projects/{_part(slug)}/disputes/{_part(dispute)}/decision", body=body, once=once
            ),
        )

    def save_draft(self, slug: str | int, dispute: str | int, *, body: dict[str, Any] | None = None) -> DraftOut:
        """Keep your draft: any JSON object."""
        return cast(
            "DraftOut", self._ask("PUT", f"/api/v1/projects/{_part(slug)}/disputes/{_part(dispute)}/draft", body=body)
        )

    def look_first(self, slug: str | int, dispute: str | int, body: FirstLookInRequest) -> FirstLookOut:
        """Keep your answer from the image alone; it is never changed, and the reads are shown after ."""
        return cast(
            "FirstLookOut",
            self._ask("POST", f"/api/v1/projects/{_part(slug)}/disputes/{_part(dispute)}/first-look", body=body),
        )

    def refer_dispute(self, slug: str | int, dispute: str | int, body: ReferInRequest) -> None:
        """Hand a dispute that you hold to a panel; you have no vote in it."""
        self._ask("POST", f"/api/v1/projects/{_part(slug)}/disputes/{_part(dispute)}/refer", body=body)

    def release_dispute(self, slug: str | int, dispute: str | int, *, body: GiveBackInRequest | None = None) -> None:
        """Give a dispute back to the queue; your draft is kept."""
        self._ask("POST", f"/api/v1/projects/{_part(slug)}/disputes/{_part(dispute)}/release", body=body)

    def claim_next_dispute(self, slug: str | int, *, body: NextInRequest | None = None) -> ClaimOut:
        """Hold the first dispute of your queue, or the one that you hold already; 204 when nothing w."""
        return cast("ClaimOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/disputes:claim-next", body=body))

    def get_history(self, slug: str | int, code: str | int) -> HistoriesOut:
        """Read how far readers agreed in each month, and in each file of readings."""
        return cast("HistoriesOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/history/{_part(code)}"))

    def register_images(self, slug: str | int, form: ImagesInRequest, *, once: str = "") -> ImagesOut:
        """Take DICOM, NIfTI, NRRD, PNG, JPEG or TIFF images, or zips of them, as cases."""
        return cast("ImagesOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/images", form=form, once=once))

    def list_imports(self, slug: str | int, *, after: str | None = None, limit: int | None = None) -> ImportOutPage:
        """List the imports of the project."""
        return cast(
            "ImportOutPage",
            self._ask("GET", f"/api/v1/projects/{_part(slug)}/imports", query={"after": after, "limit": limit}),
        )

    def import_file(self, slug: str | int, form: ImportInRequest, *, once: str = "") -> ImportOut:
        """Hand in a file of reads; the worker checks it and takes it."""
        return cast("ImportOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/imports", form=form, once=once))

    def get_import(self, slug: str | int, batch: str | int) -> ImportOut:
        """Read how far an import is, and every problem with file, line and field."""
        return cast("ImportOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/imports/{_part(batch)}"))

    def cancel_import(self, slug: str | int, batch: str | int) -> ImportOut:
        """Stop an import of which nothing is written yet; 409 once answers stand."""
        return cast("ImportOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/imports/{_part(batch)}/cancel"))

    def get_study_file(
        self, slug: str | int, positive: str, score: str, truth: str, *, with_: str | None = None
    ) -> bytes:
        """Download a multi-reader multi-case study; its first line says where the truth comes from."""
        return cast(
            "bytes",
            self._ask(
                "GET",
                f"/api/v1/projects/{_part(slug)}/imrmc",
                query={"positive": positive, "score": score, "truth": truth, "with": with_},
                raw=True,
            ),
        )

    def get_ledger(self, slug: str | int) -> LedgerOut:
        """Count every cell in its one disposition."""
        return cast("LedgerOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/ledger"))

    def list_members(self, slug: str | int, *, after: str | None = None, limit: int | None = None) -> MemberOutPage:
        """List the members with their roles."""
        return cast(
            "MemberOutPage",
            self._ask("GET", f"/api/v1/projects/{_part(slug)}/members", query={"after": after, "limit": limit}),
        )

    def set_member(self, slug: str | int, username: str | int, body: MemberInRequest) -> MemberOut:
        """Give a person a role, in place of the one held before."""
        return cast(
            "MemberOut", self._ask("PUT", f"/api/v1/projects/{_part(slug)}/members/{_part(username)}", body=body)
        )

    def remove_member(self, slug: str | int, username: str | int) -> None:
        """Take a person's role away; what the person said and signed stays."""
        self._ask("DELETE", f"/api/v1/projects/{_part(slug)}/members/{_part(username)}")

    def compare_methods(self, slug: str | int) -> MethodResultOutPage:
        """Read what each method makes of the same units, as of the newest measurement."""
        return cast("MethodResultOutPage", self._ask("GET", f"/api/v1/projects/{_part(slug)}/methods"))

    def get_outlook(
        self, slug: str | int, *, physician: float | None = None, reader: float | None = None
    ) -> OutlookOut:
        """Read when a project will be finished, what a settled case costs, and which rules speak."""
        return cast(
            "OutlookOut",
            self._ask(
                "GET", f"/api/v1/projects/{_part(slug)}/outlook", query={"physician": physician, "reader": reader}
            ),
        )

    def get_paper(
        self, slug: str | int, *, population: Literal["all", "complete"] | None = None, question: str | None = None
    ) -> bytes:
        """Download the agreement report as PDF/UA; the same data give the same bytes."""
        return cast(
            "bytes",
            self._ask(
                "GET",
                f"/api/v1/projects/{_part(slug)}/paper",
                query={"population": population, "question": question},
                raw=True,
            ),
        )

    def adopt_protocol(self, slug: str | int, body: ProtocolInRequest, *, once: str = "") -> ProtocolOut:
        """Put a protocol document in force; every case is looked at again under it."""
        return cast("ProtocolOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/protocols", body=body, once=once))

    def get_protocol(self, slug: str | int) -> ProtocolOut:
        """Read the protocol version in force."""
        return cast("ProtocolOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/protocols/current"))

    def list_reader_results(self, slug: str | int) -> ReaderResultOutPage:
        """Read the results about readers, as of the newest measurement; never against a truth with t."""
        return cast("ReaderResultOutPage", self._ask("GET", f"/api/v1/projects/{_part(slug)}/reader-results"))

    def list_readers(self, slug: str | int, *, after: str | None = None, limit: int | None = None) -> ReaderOutPage:
        """List the readers with their codes."""
        return cast(
            "ReaderOutPage",
            self._ask("GET", f"/api/v1/projects/{_part(slug)}/readers", query={"after": after, "limit": limit}),
        )

    def register_reader(self, slug: str | int, body: ReaderInRequest, *, once: str = "") -> ReaderOut:
        """Register a reader; the same code again is the same reader."""
        return cast("ReaderOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/readers", body=body, once=once))

    def set_reader_active(
        self, slug: str | int, code: str | int, *, body: PatchedActivityInRequest | None = None
    ) -> ReaderOut:
        """Let a reader read no more, or again; finished readings stay and count."""
        return cast("ReaderOut", self._ask("PATCH", f"/api/v1/projects/{_part(slug)}/readers/{_part(code)}", body=body))

    def list_reader_decisions(self, slug: str | int, code: str | int) -> DecidedOutPage:
        """Read what was decided about a reader, newest first."""
        return cast(
            "DecidedOutPage", self._ask("GET", f"/api/v1/projects/{_part(slug)}/readers/{_part(code)}/decisions")
        )

    def decide_about_reader(
        self, slug: str | int, code: str | int, body: ReaderDecisionInRequest, *, once: str = ""
    ) -> DecidedOut:
        """Pause or resume a reader, ask for retraining, or propose a blind re-read of the suspect wi."""
        return cast(
            "DecidedOut",
            self._ask("POST", f"/api/v1/projects/{_part(slug)}/readers/{_part(code)}/decisions", body=body, once=once),
        )

    def get_release_order(self, slug: str | int, order: str | int) -> OrderOut:
        """Read how far an ordered release is; poll until `work.state` is done or stuck."""
        return cast("OrderOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/release-orders/{_part(order)}"))

    def cancel_release_order(self, slug: str | int, order: str | int) -> OrderOut:
        """Take an order back before its release is frozen; nothing of it stays."""
        return cast(
            "OrderOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/release-orders/{_part(order)}/cancel")
        )

    def retry_release_order(self, slug: str | int, order: str | int) -> OrderOut:
        """Let the worker try an order again that is stuck."""
        return cast(
            "OrderOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/release-orders/{_part(order)}/retry")
        )

    def list_releases(self, slug: str | int, *, after: str | None = None, limit: int | None = None) -> ReleaseOutPage:
        """List the frozen releases."""
        return cast(
            "ReleaseOutPage",
            self._ask("GET", f"/api/v1/projects/{_part(slug)}/releases", query={"after": after, "limit": limit}),
        )

    def freeze_release(self, slug: str | int, *, body: ReleaseInRequest | None = None, once: str = "") -> OrderOut:
        """Ask for what is settled as the next release; the worker freezes it."""
        return cast("OrderOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/releases", body=body, once=once))

    def get_release(self, slug: str | int, number: str | int) -> ReleaseOut:
        """Read a release and how far its files are."""
        return cast("ReleaseOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/releases/{_part(number)}"))

    def list_deliveries(self, slug: str | int, number: str | int) -> DeliveriesOut:
        """Read who was handed a file of the release: the people to whom an erratum goes."""
        return cast(
            "DeliveriesOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/releases/{_part(number)}/deliveries")
        )

    def diff_releases(self, slug: str | int, number: str | int, other: str | int) -> DiffOut:
        """Compare release `number` with the later or earlier release `other`."""
        return cast(
            "DiffOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/releases/{_part(number)}/diff/{_part(other)}")
        )

    def list_release_formats(self, slug: str | int, number: str | int) -> FormatsOut:
        """List the formats with what each can hold of this release."""
        return cast("FormatsOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/releases/{_part(number)}/formats"))

    def render_release(
        self, slug: str | int, number: str | int, name: str | int, *, questions: str | None = None
    ) -> bytes:
        """Download the labels in a format; 422 names the questions that it cannot hold."""
        return cast(
            "bytes",
            self._ask(
                "GET",
                f"/api/v1/projects/{_part(slug)}/releases/{_part(number)}/formats/{_part(name)}",
                query={"questions": questions},
                raw=True,
            ),
        )

    def list_notices(self, slug: str | int, number: str | int) -> NoticesOut:
        """Read what was said about a release since it was frozen, signed with the key of its manifes."""
        return cast("NoticesOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/releases/{_part(number)}/notices"))

    def give_notice(self, slug: str | int, number: str | int, body: NoticeInRequest) -> NoticeOut:
        """Give an erratum, or withdraw the release; its bytes stay as they are."""
        return cast(
            "NoticeOut",
            self._ask("POST", f"/api/v1/projects/{_part(slug)}/releases/{_part(number)}/notices", body=body),
        )

    def download_release(self, slug: str | int, number: str | int) -> bytes:
        """Download the signed package, or with `Range` the rest of it; `manage.py verify` checks it ."""
        return cast(
            "bytes", self._ask("GET", f"/api/v1/projects/{_part(slug)}/releases/{_part(number)}/package", raw=True)
        )

    def sign_release(self, slug: str | int, number: str | int, body: SignatureInRequest) -> SignatureOut:
        """Approve a release that somebody else froze, where the protocol asks for two signatures."""
        return cast(
            "SignatureOut",
            self._ask("POST", f"/api/v1/projects/{_part(slug)}/releases/{_part(number)}/signatures", body=body),
        )

    def preflight_release(self, slug: str | int) -> PreflightOut:
        """See what a release would hold now, without freezing it."""
        return cast("PreflightOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/releases:preflight"))

    def ask_repeats(self, slug: str | int, body: RepeatsInRequest, *, once: str = "") -> SeatsOut:
        """Ask readers to read a share of their cases again; figures stand on their pages under 'earl."""
        return cast("SeatsOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/repeats", body=body, once=once))

    def list_requirements(self, slug: str | int) -> RequirementOutPage:
        """Read whether each reader meets what is required; the interval decides, not the value."""
        return cast("RequirementOutPage", self._ask("GET", f"/api/v1/projects/{_part(slug)}/requirements"))

    def publish_schema(self, slug: str | int, body: SchemaInRequest, *, once: str = "") -> SchemaOut:
        """Publish the next version of the questions."""
        return cast("SchemaOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/schemas", body=body, once=once))

    def get_schema(self, slug: str | int) -> SchemaOut:
        """Read the newest version of the questions."""
        return cast("SchemaOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/schemas/current"))

    def list_subgroups(self, slug: str | int) -> SubgroupOutPage:
        """Read how far readers agree in groups of cases, as of the newest measurement."""
        return cast("SubgroupOutPage", self._ask("GET", f"/api/v1/projects/{_part(slug)}/subgroups"))

    def open_upload(self, slug: str | int, body: UploadInRequest, *, once: str = "") -> UploadOut:
        """Say that a large file will come in parts."""
        return cast("UploadOut", self._ask("POST", f"/api/v1/projects/{_part(slug)}/uploads", body=body, once=once))

    def get_upload(self, slug: str | int, upload: str | int) -> UploadOut:
        """Read how much of the file is there, to go on from after a connection broke."""
        return cast("UploadOut", self._ask("GET", f"/api/v1/projects/{_part(slug)}/uploads/{_part(upload)}"))

    def send_part(self, slug: str | int, upload: str | int, offset: int, content: bytes) -> UploadOut:
        """Send the part that begins at ``offset``: what is there already, or the next."""
        return cast(
            "UploadOut",
            self._ask(
                "PUT",
                f"/api/v1/projects/{_part(slug)}/uploads/{_part(upload)}",
                query={"offset": offset},
                content=content,
            ),
        )

    def remove_upload(self, slug: str | int, upload: str | int) -> None:
        """Remove the file with its parts."""
        self._ask("DELETE", f"/api/v1/projects/{_part(slug)}/uploads/{_part(upload)}")

    def list_worklist(self, slug: str | int, *, after: str | None = None, limit: int | None = None) -> SeatOutPage:
        """List your seats that are not finished, oldest first."""
        return cast(
            "SeatOutPage",
            self._ask("GET", f"/api/v1/projects/{_part(slug)}/worklist", query={"after": after, "limit": limit}),
        )

    def list_statistics(self) -> StatisticOutPage:
        """List the statistics of agreement and about readers, with what each needs."""
        return cast("StatisticOutPage", self._ask("GET", "/api/v1/statistics"))

    def compute_statistic(self, name: str | int, *, body: dict[str, Any] | None = None) -> ComputedOut:
        """Compute a statistic of the posted reads."""
        return cast("ComputedOut", self._ask("POST", f"/api/v1/statistics/{_part(name)}", body=body))

    def list_tokens(self, *, after: str | None = None, limit: int | None = None) -> TokenOutPage:
        """List your tokens that are not revoked."""
        return cast("TokenOutPage", self._ask("GET", "/api/v1/tokens", query={"after": after, "limit": limit}))

    def make_token(self, body: TokenInRequest, *, once: str = "") -> TokenOut:
        """Make a token for a machine that acts as you."""
        return cast("TokenOut", self._ask("POST", "/api/v1/tokens", body=body, once=once))

    def revoke_token(self, id: str | int) -> None:
        """Revoke a token of yours."""
        self._ask("DELETE", f"/api/v1/tokens/{_part(id)}")
