"""What the reads mean: evaluations, consensus, disputes and their settlement. Rows are added, never rewritten."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.models import Annotation, Case, Project, Question, Reader


class ProtocolVersion(models.Model):
    """A validated protocol document; a change is a new number."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="protocols")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=40)
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    adopted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    adopted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="one_protocol_a_number")]

    def __str__(self) -> str:
        """Return name and number."""
        return f"{self.name} {self.number}"


class Evaluation(models.Model):
    """One run over one input digest: of a case, or of the whole project when ``case`` is null."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="evaluations")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="evaluations")
    protocol = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="evaluations")
    input_digest = models.CharField(max_length=64)
    code_version = models.CharField(max_length=20)
    n_asked = models.PositiveIntegerField(default=0)
    n_finished = models.PositiveIntegerField(default=0)
    facts = models.JSONField(default=dict, help_text="Counts and notes of the run that no other row holds.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "input_digest", "protocol", "code_version"],
                condition=Q(case__isnull=False),
                name="one_evaluation_an_input",
            ),
            models.UniqueConstraint(
                fields=["project", "input_digest", "protocol", "code_version"],
                condition=Q(case__isnull=True),
                name="one_project_run_an_input",
            ),
        ]
        indexes = [models.Index(fields=["case", "-id"], name="newest_evaluation")]

    def __str__(self) -> str:
        """Return what was evaluated."""
        return f"{self.case or self.project} under {self.protocol}"


class Verdict(models.TextChoices):
    """What the protocol's rules said of one unit."""

    ACCEPT = "accept", "Accepted"
    REFER = "refer", "Referred"
    WAIT = "wait", "Waits for its finding to be settled"
    NOT_APPLICABLE = "not_applicable", "Not applicable"


class ConsensusResult(models.Model):
    """What a method computed for one unit (case, question, finding); reads are never overwritten by it."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="results")
    case = models.ForeignKey(Case, models.PROTECT, related_name="results")
    question = models.ForeignKey(Question, models.PROTECT, related_name="results")
    finding = models.CharField(max_length=16, blank=True)
    number = models.PositiveIntegerField(default=0, help_text="Number of the finding within the case, from 1.")
    method = models.CharField(max_length=40)
    outcome = models.CharField(max_length=20)
    label = models.JSONField(null=True)
    support = models.FloatField(null=True)
    votes = models.JSONField(default=dict)
    inputs = models.JSONField(help_text="[reader code, annotation id, annotation digest] of every read used.")
    values = models.JSONField(default=dict, help_text="Agreement values of this unit and reasons where undefined.")
    details = models.JSONField(default=dict)
    verdict = models.CharField(max_length=16, choices=Verdict)
    rule = models.CharField(max_length=40, blank=True, help_text="The rule that referred it.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evaluation", "question", "finding"], name="one_result_a_unit")]
        indexes = [models.Index(fields=["case", "question", "finding"], name="results_of_a_unit")]

    def __str__(self) -> str:
        """Return unit and outcome."""
        return f"{self.case} · {self.question} · {self.outcome}"


class AgreementResult(models.Model):
    """One statistic over one population of units; belongs to a project's evaluation."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="agreement")
    question = models.ForeignKey(Question, models.PROTECT, related_name="agreement")
    statistic = models.CharField(
        max_length=120, help_text="Entry of the catalogue; a part of it stands behind a colon (specific_agreement:yes)."
    )
    population = models.CharField(max_length=20)
    pair = models.JSONField(default=list, help_text="Two reader codes for a pairwise statistic, else empty.")
    estimate = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "question", "statistic", "population", "pair"], name="one_estimate_a_population"
            )
        ]

    def __str__(self) -> str:
        """Return question and statistic."""
        return f"{self.question} {self.statistic}"


class MethodResult(models.Model):
    """One consensus method on all units of a question, beside the protocol's; belongs to a project's evaluation."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="methods")
    question = models.ForeignKey(Question, models.PROTECT, related_name="methods")
    method = models.CharField(max_length=40)
    place = models.PositiveSmallIntegerField(help_text="0 for the protocol's own method.")
    outcomes = models.JSONField(help_text="Outcome to number of units; they add up to n_units.")
    n_units = models.PositiveIntegerField()
    n_same = models.PositiveIntegerField(help_text="Units with the outcome and value of the protocol's method.")
    parted = models.JSONField(default=list, help_text="[case key, finding number] of every other unit.")
    learned = models.JSONField(default=dict, help_text="Fit and soft label of each pattern; empty for votes.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evaluation", "question", "method"], name="one_result_a_method")]

    def __str__(self) -> str:
        """Return question and method."""
        return f"{self.question} {self.method}"


class ReaderResult(models.Model):
    """One result about one reader on one question; belongs to a project's evaluation, never updated."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="readers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    reader = models.ForeignKey(Reader, models.PROTECT, related_name="results")
    statistic = models.CharField(max_length=40)
    part = models.CharField(max_length=140, blank=True)
    against = models.CharField(max_length=12, help_text="others, adjudicated, or own for a reader's own order.")
    result = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "question", "reader", "statistic", "part", "against"],
                name="one_result_a_reader",
            )
        ]

    def __str__(self) -> str:
        """Return reader, question and statistic."""
        return f"{self.reader} · {self.question} · {self.statistic}"


class SubgroupResult(models.Model):
    """Agreement of one group of units beside all others; belongs to a project's evaluation."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="subgroups")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    attribute = models.CharField(max_length=80)
    group = models.CharField(max_length=200)
    n_units = models.PositiveIntegerField()
    mean = models.FloatField(help_text="Mean agreement of its units: share of equal pairs, or Dice.")
    gap = models.JSONField(help_text="Mean over its patients less that over all others.")
    test = models.JSONField(help_text="Permutation of patients, p adjusted by Holm over the groups of the attribute.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "question", "attribute", "group"], name="one_result_a_subgroup"
            )
        ]

    def __str__(self) -> str:
        """Return question, attribute and group."""
        return f"{self.question} · {self.attribute} {self.group}"


class Dispute(models.Model):
    """A unit that a rule sent to a person. Claimed by compare-and-swap; closed by one adjudication or superseded."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="disputes")
    case = models.ForeignKey(Case, models.PROTECT, related_name="disputes")
    question = models.ForeignKey(Question, models.PROTECT, related_name="disputes")
    finding = models.CharField(max_length=16, blank=True)
    result = models.ForeignKey(ConsensusResult, models.PROTECT, related_name="disputes")
    round = models.PositiveSmallIntegerField(default=1)
    cause = models.CharField(max_length=20)
    explanation = models.TextField()
    evidence = models.JSONField(default=dict)
    priority = models.FloatField(default=0.0)
    jitter = models.FloatField(help_text="Random, so that the place in the queue tells nothing.")
    opened_at = models.DateTimeField()
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    held_since = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    seats = models.PositiveSmallIntegerField(default=1, help_text="Votes that decide it; more than one for a panel.")
    turn = models.PositiveSmallIntegerField(default=1, help_text="Turn of a panel's votes, from 1.")
    panel_until = models.DateTimeField(null=True, blank=True, help_text="Until when a turn of a panel may vote.")
    referred_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey(Evaluation, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "question", "finding"],
                condition=Q(closed_at__isnull=True),
                name="one_open_dispute_a_unit",
            )
        ]
        indexes = [
            models.Index(fields=["case", "question", "finding"], name="disputes_of_a_unit"),
            models.Index(
                fields=["project", "-priority", "jitter", "id"], condition=Q(closed_at__isnull=True), name="queue_order"
            ),
        ]

    def __str__(self) -> str:
        """Return unit and cause."""
        return f"{self.case} · {self.question} · {self.cause}"


class Draft(models.Model):
    """An adjudicator's unsigned work on one dispute; never counted."""

    dispute = models.ForeignKey(Dispute, models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    body = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dispute", "user"], name="one_draft_a_person")]

    def __str__(self) -> str:
        """Return whose draft it is."""
        return f"{self.user} on {self.dispute}"


class Decision(models.TextChoices):
    """What a physician may decide."""

    READER = "reader", "Took a reader's answer"
    CONSENSUS = "consensus", "Took the consensus"
    UNION = "union", "Took what any reader marked"
    INTERSECTION = "intersection", "Took what every reader marked"
    OWN = "own", "Gave an answer of their own"
    NOTHING = "nothing", "Nothing here"
    EXCLUDE = "exclude", "Cannot be assessed"
    PANEL = "panel", "Vote of a panel"
    NO_CONSENSUS = "no_consensus", "A panel without a majority"


# What one person may decide; a panel's outcome follows from its members' votes.
PERSONAL = (
    Decision.READER,
    Decision.CONSENSUS,
    Decision.UNION,
    Decision.INTERSECTION,
    Decision.OWN,
    Decision.NOTHING,
    Decision.EXCLUDE,
)


class RootCause(models.TextChoices):
    """Why the readers differed, in the adjudicator's judgement."""

    OVERSIGHT = "oversight", "Oversight"
    INTERPRETATION = "interpretation", "Interpretation"
    AMBIGUOUS_IMAGE = "ambiguous_image", "Ambiguous image"
    GUIDELINE_GAP = "guideline_gap", "Guideline gap"
    TECHNIQUE = "technique", "Technique"
    TECHNICAL = "technical", "Technical"
    OTHER = "other", "Other"


class Adjudication(models.Model):
    """A signed decision on one dispute; immutable."""

    dispute = models.OneToOneField(Dispute, models.PROTECT, related_name="adjudication")
    adjudicator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="adjudications")
    decision = models.CharField(max_length=16, choices=Decision)
    source = models.ForeignKey(Annotation, models.PROTECT, null=True, blank=True, related_name="+")
    label = models.JSONField(null=True)
    rationale = models.TextField()
    root_cause = models.CharField(max_length=16, choices=RootCause)
    confidence = models.CharField(max_length=8)
    shown_digest = models.CharField(max_length=64)
    signed_name = models.CharField(max_length=150)
    meaning = models.CharField(max_length=80)
    signed_at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        """Return dispute and decision."""
        return f"{self.dispute}: {self.decision}"


class FirstLook(models.Model):
    """What an adjudicator answered from the image alone, before any read was shown; append-only."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="first_looks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decision = models.CharField(max_length=16, choices=Decision)
    label = models.JSONField(null=True)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dispute", "user"], name="one_first_look_a_person")]

    def __str__(self) -> str:
        """Return who looked at what."""
        return f"{self.user} looked at {self.dispute}"


class PanelVote(models.Model):
    """A signed vote of one member of a panel, given before the others' are shown; append-only."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="votes")
    turn = models.PositiveSmallIntegerField()
    voter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decision = models.CharField(max_length=16, choices=Decision)
    source = models.ForeignKey(Annotation, models.PROTECT, null=True, blank=True, related_name="+")
    label = models.JSONField(null=True)
    rationale = models.TextField()
    root_cause = models.CharField(max_length=16, choices=RootCause)
    confidence = models.CharField(max_length=8)
    shown_digest = models.CharField(max_length=64)
    signed_name = models.CharField(max_length=150)
    meaning = models.CharField(max_length=80)
    signed_at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dispute", "turn", "voter"], name="one_vote_a_turn")]

    def __str__(self) -> str:
        """Return voter and turn."""
        return f"{self.voter} in turn {self.turn} on {self.dispute}"
