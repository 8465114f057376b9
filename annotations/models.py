"""What was said: projects, cases, readers and their labels. Nouns with constraints; verbs write them."""

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.due import DueRow


def new_secret() -> str:
    """Return the key of a project's shuffles; it never leaves the server."""
    return secrets.token_hex(32)


class Role(models.TextChoices):
    """What a member may do in one project; the instance's administrator is the superuser."""

    QA_LEAD = "qa_lead", "QA lead"
    ANNOTATOR = "annotator", "Annotator"
    ADJUDICATOR = "adjudicator", "Adjudicator"
    VENDOR = "vendor", "Vendor"


class Project(DueRow):
    """A study with people, schema, protocol and cases; closed, never deleted."""

    slug = models.SlugField(unique=True, max_length=64)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    attribution = models.TextField(blank=True, help_text="Credit that every page of the project shows.")
    simulated_note = models.TextField(blank=True, help_text="How readers were simulated; empty for real ones.")
    knows_readers = models.BooleanField(
        default=True, help_text="False where a reader's code names a different person in each case."
    )
    secret = models.CharField(max_length=64, default=new_secret, editable=False)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="project_due")]

    def __str__(self) -> str:
        """Return the name for people."""
        return self.name


class Membership(models.Model):
    """One person's role in one project."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="one_role_a_project")]

    def __str__(self) -> str:
        """Return person and role."""
        return f"{self.user} · {self.get_role_display()}"


class TokenScope(models.TextChoices):
    """What a machine's key opens of all that its owner may do."""

    ALL = "all", "Everything"
    READ = "read", "Reading only"
    SUBMIT = "submit", "Reading, and handing in answers"


class ApiToken(models.Model):
    """A machine's key; only its SHA-256 is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=10, choices=TokenScope.choices, default=TokenScope.ALL)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Return the name that its owner gave it."""
        return self.name


class IdempotencyKey(models.Model):
    """One answered POST, kept so that a retry gets the same answer and no second effect."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_a_key")]

    def __str__(self) -> str:
        """Return the client's key."""
        return self.key


class LabelSchema(models.Model):
    """A version of the questions; frozen by the first annotation that refers to it."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="schemas")
    version = models.PositiveIntegerField()
    guideline = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="one_schema_a_version")]

    def __str__(self) -> str:
        """Return project and version."""
        return f"{self.project} schema {self.version}"


class Question(models.Model):
    """One thing asked. ``about`` names the question whose marks it describes."""

    schema = models.ForeignKey(LabelSchema, models.PROTECT, related_name="questions")
    code = models.SlugField(max_length=40)
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    scale = models.CharField(max_length=10)
    definition = models.JSONField(default=dict)
    about = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="details")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["schema", "code"], name="one_question_a_code")]

    def __str__(self) -> str:
        """Return the title for people."""
        return self.title

    @property
    def takes_marks(self) -> bool:
        """Whether a reader may answer it several times in one case, once a finding."""
        return bool(self.definition.get("many"))


class Case(DueRow):
    """What one reader reads at once; the cluster of resampling is its subject."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="cases")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=120)
    subject = models.CharField(max_length=120, help_text="Pseudonym of the patient.")
    strata = models.JSONField(default=dict, blank=True)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "key"], name="one_case_a_key")]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="case_due")]

    def __str__(self) -> str:
        """Return the key that the project gave it."""
        return self.key


class Image(models.Model):
    """The grid of a case, with pixels where they are part of the data; digest empty where they are not."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="image")
    digest = models.CharField(max_length=64, blank=True)
    path = models.CharField(max_length=255, blank=True)
    shape = models.JSONField(help_text="Voxels along z, y, x.")
    spacing_mm = models.JSONField(null=True, help_text="Along z, y, x; null when unknown, never a sentinel.")
    window = models.JSONField(null=True, help_text="Centre and width of the first view.")
    origin_mm = models.JSONField(null=True, help_text="Centre of voxel 0, 0, 0 as x, y, z in LPS; null when unknown.")
    direction = models.JSONField(null=True, help_text="Unit vectors (LPS) of the indices x, y, z; null when unknown.")
    slices = models.JSONField(
        null=True, help_text="DICOM only: axis, and SOP class, replaced SOP instance and frame of each plane."
    )

    def __str__(self) -> str:
        """Return the grid."""
        return f"{self.case} {self.shape}"


class Exclusion(models.Model):
    """A person took a case out of the count, with a reason; revoked, never deleted."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="exclusions")
    reason = models.CharField(max_length=40)
    note = models.TextField(blank=True)
    excluded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    excluded_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(revoked_at__isnull=True), name="one_exclusion_in_force"
            )
        ]

    def __str__(self) -> str:
        """Return case and reason."""
        return f"{self.case}: {self.reason}"


class ReaderKind(models.TextChoices):
    """Whether a reader is a person or a model; never inferred from the name."""

    HUMAN = "human", "Person"
    MODEL = "model", "Model"


class Purpose(models.TextChoices):
    """What a read is for. Only reads for the truth count in a consensus; a reader never learns the purpose."""

    TRUTH = "truth", "Truth"
    REPEAT = "repeat", "Repeat"
    AUDIT = "audit", "Audit"
    CONTROL = "control", "Control"
    BENCHMARK = "benchmark", "Benchmark"


class Reader(models.Model):
    """A person or a model who reads in one project, under a code; deactivated, never deleted."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="readers")
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=ReaderKind, default=ReaderKind.HUMAN)
    version = models.CharField(max_length=80, blank=True, help_text="Of a model; empty for a person.")
    reads_for = models.CharField(max_length=10, choices=Purpose, default=Purpose.TRUTH)
    deactivated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="one_reader_a_code"),
            models.UniqueConstraint(
                fields=["project", "user"], condition=Q(user__isnull=False), name="one_reader_a_person"
            ),
        ]

    def __str__(self) -> str:
        """Return the code."""
        return self.code


class Assignment(models.Model):
    """One seat: a reader asked to read a case in a round. ``finished_at`` is written once."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="assignments")
    reader = models.ForeignKey(Reader, models.PROTECT, related_name="assignments")
    round = models.PositiveSmallIntegerField(default=1)
    sitting = models.PositiveSmallIntegerField(default=1, help_text="The n-th time that this reader reads this case.")
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.TRUTH)
    created_at = models.DateTimeField()
    place = models.FloatField(default=0.0, help_text="Drawn; a reader's work is in this order.")
    opens_at = models.DateTimeField(null=True, blank=True, help_text="Not shown before.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "reader", "round"], name="one_seat_a_round"),
            models.UniqueConstraint(fields=["case", "reader", "sitting"], name="one_seat_a_sitting"),
        ]

    def __str__(self) -> str:
        """Return case, reader and round."""
        return f"{self.case} · {self.reader} · round {self.round}"


class ImportBatch(DueRow):
    """A file that somebody handed in; its bytes are stored under their digest before this row."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="imports")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    importer = models.CharField(max_length=40)
    options = models.JSONField(default=dict)
    takes_good_part = models.BooleanField(default=False)
    file_name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    path = models.CharField(max_length=255)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    n_lines = models.PositiveIntegerField(null=True)
    n_committed = models.PositiveIntegerField(default=0)
    n_already_there = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    n_problems = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "digest", "importer", "options"], name="one_import_a_file")
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="import_due")]

    def __str__(self) -> str:
        """Return the file name as it was handed in."""
        return self.file_name


class Upload(models.Model):
    """A large file that comes in parts, each stored before it is counted; it is used once it is whole."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    parts = models.JSONField(default=list, help_text="Bytes of each part so far.")
    size = models.BigIntegerField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return the file name as it was handed in."""
        return self.file_name


class Annotation(models.Model):
    """One revision of one reader's answer; append-only. A withdrawal is a revision without a label."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="annotations")
    question = models.ForeignKey(Question, models.PROTECT, related_name="annotations")
    reader = models.ForeignKey(Reader, models.PROTECT, related_name="annotations")
    sitting = models.PositiveSmallIntegerField(default=1, help_text="The reader's seat at the case that it belongs to.")
    mark = models.CharField(max_length=40, blank=True, help_text="The reader's own number of one of several findings.")
    revision = models.PositiveIntegerField(default=1)
    label = models.JSONField(null=True)
    digest = models.CharField(max_length=64)
    seconds = models.FloatField(null=True)
    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, related_name="annotations")
    line = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "question", "reader", "sitting", "mark", "revision"], name="one_answer_a_revision"
            )
        ]

    def __str__(self) -> str:
        """Return what was answered by whom."""
        return f"{self.case} · {self.question} · {self.reader}"


class Exposure(models.Model):
    """Who was shown which answer, recorded when the bytes are served; append-only."""

    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="exposures")
    annotation = models.ForeignKey(Annotation, models.PROTECT, related_name="exposures")
    stage = models.CharField(max_length=20)
    shown_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["viewer", "annotation", "stage"], name="first_exposure_a_stage")]

    def __str__(self) -> str:
        """Return viewer and case."""
        return f"{self.viewer} saw {self.case}"


class AuditHead(models.Model):
    """The end of a project's chain; locked for each append."""

    project = models.OneToOneField(Project, models.PROTECT, related_name="audit_head")
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        """Return project and length."""
        return f"{self.project}: {self.number} events"


class AuditEvent(models.Model):
    """Who did what when; append-only and chained by hash."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="audit_events")
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60)
    body = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="one_event_a_number")]

    def __str__(self) -> str:
        """Return number and action."""
        return f"{self.number} {self.action}"
