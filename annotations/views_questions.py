"""Page: what readers are asked, as a form and as JSON; what it looks like, and what a change of it touches."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations import intake
from annotations.errors import DomainError
from annotations.intake import NewQuestion
from annotations.models import Annotation, LabelSchema, Question
from annotations.navigation import enter, frame
from annotations.posted import member
from annotations.reading import QuestionView, question_views
from annotations.schema_form import SchemaForm, askable, document_from, document_of, plain
from annotations.selectors import current_schema

PUBLISH = "publish"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the questions; change the draft, show what it looks like and touches, or publish it."""
    user = member(request)
    project, standing = enter(user, slug, "project.manage")
    schema = current_schema(project)
    document = document_of(schema)
    form = SchemaForm(document, request.POST if "n" in request.POST else None)
    asked: list[NewQuestion] | None = [NewQuestion(**one) for one in document["questions"]]
    text, guideline, (n_given, n_cases) = request.POST.get("document", ""), form.guideline, number_given(schema)
    is_changed = False
    if request.method == "POST" and not form.change(request.POST.get("do", ""), request.POST.get("kind", "")):
        guideline, asked = wanted(form, text)
        is_changed = asked is not None and document != {"guideline": guideline, "questions": [*map(plain, asked)]}
        if asked and request.POST.get("do") == PUBLISH and may_publish(form, request, n_given, is_changed=is_changed):
            made = intake.publish_schema(actor=user, project=project, questions=asked, guideline=guideline)
            messages.success(request, f"Version {made.version} of the questions is in force.")
            return redirect("setup-questions", slug)
    elif request.method == "POST":
        asked = None
    context = {
        **frame(project, "overview", standing),
        "project": project,
        "schema": schema,
        "form": form,
        "kinds": askable(),
        "views": preview(asked or []),
        "guideline": guideline,
        "text": text or json.dumps(document, indent=2, ensure_ascii=False),
        "changes": changes(document["questions"], asked) if is_changed and asked else [],
        "is_changed": is_changed,
        "n_given": n_given,
        "n_cases": n_cases,
    }
    part = (
        "annotations/_questions_aside.html" if request.headers.get("HX-Request") else "annotations/setup_questions.html"
    )
    return render(request, part, context)


def wanted(form: SchemaForm, text: str) -> tuple[str, list[NewQuestion] | None]:
    """Return the guideline and the questions that were sent; None where they are refused, with the reasons."""
    try:
        guideline, asked = document_from(text) if text else (form.guideline, form.asked())
        if asked is not None:
            intake.check_questions(asked)
    except DomainError as refusal:
        form.place(refusal)
        return form.guideline, None
    return guideline, asked


def may_publish(form: SchemaForm, request: HttpRequest, n_given: int, *, is_changed: bool) -> bool:
    """Say whether the draft may be published: it is another one, and who changes answered questions knows it."""
    if not is_changed:
        form.errors.append("Nothing was changed.")
        return False
    if n_given and not request.POST.get("knows"):
        form.errors.append("Answers were given under this version: confirm below that they will not count any more.")
        return False
    return True


def number_given(schema: LabelSchema | None) -> tuple[int, int]:
    """Return how many readings hold an answer under the version in force, and of how many cases."""
    rows = Annotation.objects.filter(question__schema=schema)
    if schema is None:
        return 0, 0
    return rows.values("case", "reader", "sitting").distinct().count(), rows.values("case").distinct().count()


def preview(asked: Sequence[NewQuestion]) -> list[QuestionView]:
    """Return the questions as a reader will see them; nothing is stored."""
    made: dict[str, Question] = {}
    for one in asked:
        made[one.code] = Question(
            code=one.code,
            title=one.title,
            kind=one.kind,
            scale=one.scale,
            definition=dict(one.definition),
            about=made.get(one.about),
        )
    return question_views(list(made.values()), [])


def changes(before: Sequence[Mapping[str, Any]], asked: Sequence[NewQuestion]) -> list[tuple[str, str]]:
    """Return each question that the draft adds, leaves out or changes, with what happens to it in words."""
    old = {one["code"]: one for one in before}
    new = {one.code: plain(one) for one in asked}
    found = [(new[code]["title"], "is new") for code in new if code not in old]
    found += [(old[code]["title"], "is asked no more") for code in old if code not in new]
    for code in new:
        if code in old and new[code] != old[code]:
            members = [name for name in new[code] if new[code][name] != old[code][name]]
            found.append((new[code]["title"], f"changes: {', '.join(members)}"))
    return found
