"""Images over HTTP: handed in, cleaned at the door, and registered as cases."""

from functools import partial

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import imaging, uploads
from annotations.endpoint import ONCE, Endpoint
from annotations.idempotency import Answer
from annotations.imaging import Handed, Wishes
from annotations.posted import opener_of
from annotations.unpacking import unpacked


class ImagesIn(serializers.Serializer):
    """Images; the slices of a DICOM series belong together, whatever their names are."""

    files = serializers.ListField(child=serializers.FileField(), max_length=2000, required=False, default=list)
    uploads = serializers.ListField(
        child=serializers.UUIDField(), max_length=200, required=False, default=list, help_text="Files sent in parts."
    )
    case = serializers.CharField(max_length=120, required=False, default="", help_text="Key, for a single image.")
    subject = serializers.CharField(max_length=120, required=False, default="", help_text="Pseudonym of the patient.")
    keeps_names = serializers.BooleanField(required=False, default=False, help_text="File names are pseudonyms.")
    is_clean = serializers.BooleanField(
        required=False, default=False, help_text="Somebody has looked: no name is burnt into the pixels."
    )
    take = serializers.ChoiceField(choices=["all", "good"], required=False, default="all")
    dry_run = serializers.BooleanField(required=False, default=False)


class TakenOut(serializers.Serializer):
    """An image as a case: what was kept of its header, and which attributes were removed; never a removed value."""

    case = serializers.CharField()
    subject = serializers.CharField()
    files = serializers.ListField(child=serializers.IntegerField(), help_text="Files by their place, from 1.")
    shape = serializers.ListField(child=serializers.IntegerField())
    spacing_mm = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    notes = serializers.ListField(child=serializers.CharField())
    kept = serializers.DictField()
    removed = serializers.ListField(child=serializers.CharField())
    n_private = serializers.IntegerField()
    is_new = serializers.BooleanField(allow_null=True, help_text="false: the key was there and is left alone")


class RefusedOut(serializers.Serializer):
    """An image that was not taken, with its reason."""

    files = serializers.ListField(child=serializers.IntegerField())
    code = serializers.CharField()
    detail = serializers.CharField()


class ImagesOut(serializers.Serializer):
    """What became of the files."""

    n_files = serializers.IntegerField()
    taken = TakenOut(many=True)
    refused = RefusedOut(many=True)
    dry_run = serializers.BooleanField()


class ImageList(Endpoint):
    """The images of a project."""

    parser_classes = [MultiPartParser]
    throttle_scope = "upload"

    @extend_schema(
        operation_id="register_images",
        parameters=ONCE,
        request={"multipart/form-data": ImagesIn},
        responses={201: ImagesOut},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Take DICOM, NIfTI, NRRD, PNG, JPEG or TIFF images, or zips of them, as cases.

        What identifies a patient is not kept.
        """
        project = self.project("project.manage")
        asked = self.take(ImagesIn)
        wishes = Wishes(
            case=asked["case"],
            subject=asked["subject"],
            keeps_names=asked["keeps_names"],
            is_clean=asked["is_clean"],
            takes_good=asked["take"] == "good",
        )

        def act() -> Answer:
            rows = [uploads.upload_of(request.user, project, one) for one in asked["uploads"]]
            handed = [Handed(one.name or "", opener_of(one)) for one in asked["files"]]
            handed += [Handed(row.file_name, partial(uploads.opened, row)) for row in rows]
            found = imaging.receive_images(
                actor=request.user, project=project, files=unpacked(handed), wishes=wishes, dry_run=asked["dry_run"]
            )
            if not asked["dry_run"]:
                # Names of files may be names of patients; they go with the parts.
                for row in rows:
                    uploads.remove(row)
            return Answer(201, found)

        return self.once(act, is_long=True)
