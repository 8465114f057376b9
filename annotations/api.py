"""Addresses of this app under /api/v1/; the classes stand in one file a noun."""

from django.urls import path

from annotations.api_annotations import AnnotationBatch, AnnotationList, Withdrawal
from annotations.api_cases import (
    AssignmentList,
    Benchmark,
    CaseExclusion,
    CaseFinish,
    CaseList,
    ReaderDetail,
    ReaderList,
    Worklist,
)
from annotations.api_images import ImageList
from annotations.api_imports import ImportCancel, ImportDetail, ImportList
from annotations.api_projects import AuditList, CurrentSchema, Member, MemberList, ProjectList, SchemaList
from annotations.api_tokens import TokenDetail, TokenList
from annotations.api_uploads import UploadDetail, UploadList

urlpatterns = [
    path("tokens", TokenList.as_view(), name="api-tokens"),
    path("tokens/<int:pk>", TokenDetail.as_view(), name="api-token"),
    path("projects", ProjectList.as_view(), name="api-projects"),
    path("projects/<slug:slug>/members", MemberList.as_view(), name="api-members"),
    path("projects/<slug:slug>/members/<str:username>", Member.as_view(), name="api-member"),
    path("projects/<slug:slug>/schemas", SchemaList.as_view(), name="api-schemas"),
    path("projects/<slug:slug>/schemas/current", CurrentSchema.as_view(), name="api-schema"),
    path("projects/<slug:slug>/audit", AuditList.as_view(), name="api-audit"),
    path("projects/<slug:slug>/cases", CaseList.as_view(), name="api-cases"),
    path("projects/<slug:slug>/cases/<uuid:case>/finish", CaseFinish.as_view(), name="api-finish"),
    path("projects/<slug:slug>/cases/<uuid:case>/exclude", CaseExclusion.as_view(), name="api-exclude"),
    path("projects/<slug:slug>/readers", ReaderList.as_view(), name="api-readers"),
    path("projects/<slug:slug>/readers/<str:code>", ReaderDetail.as_view(), name="api-reader-detail"),
    path("projects/<slug:slug>/assignments", AssignmentList.as_view(), name="api-assignments"),
    path("projects/<slug:slug>/benchmark", Benchmark.as_view(), name="api-benchmark"),
    path("projects/<slug:slug>/worklist", Worklist.as_view(), name="api-worklist"),
    path("projects/<slug:slug>/annotations", AnnotationList.as_view(), name="api-annotations"),
    path("projects/<slug:slug>/annotations:batch", AnnotationBatch.as_view(), name="api-annotation-batch"),
    path("projects/<slug:slug>/annotations/<uuid:annotation>/withdraw", Withdrawal.as_view(), name="api-withdraw"),
    path("projects/<slug:slug>/images", ImageList.as_view(), name="api-images"),
    path("projects/<slug:slug>/uploads", UploadList.as_view(), name="api-uploads"),
    path("projects/<slug:slug>/uploads/<uuid:upload>", UploadDetail.as_view(), name="api-upload"),
    path("projects/<slug:slug>/imports", ImportList.as_view(), name="api-imports"),
    path("projects/<slug:slug>/imports/<uuid:batch>", ImportDetail.as_view(), name="api-import"),
    path("projects/<slug:slug>/imports/<uuid:batch>/cancel", ImportCancel.as_view(), name="api-import-cancel"),
]
