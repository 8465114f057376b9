"""Page: where a project's alerts are sent."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations import due
from annotations.errors import DomainError, InvalidInput
from annotations.models import Project
from annotations.navigation import enter, frame
from annotations.posted import member
from reports.channels import RULES, channel_of, close_channel, open_channel, send_test
from reports.forms import ChannelForm
from reports.models import Message

SHOWN = 5


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the channels with what they sent last; open one, test one, close one."""
    user = member(request)
    project, standing = enter(user, slug, "project.manage")
    form = ChannelForm()
    status = 200
    if request.method == "POST":
        do = request.POST.get("do", "open")
        if do == "open":
            form = ChannelForm(request.POST)
            if form.is_valid() and opened(request, project, form):
                return redirect("channels", slug)
            status = 422
        else:
            act(request, project, do)
            return redirect("channels", slug)
    rows = project.channels.filter(closed_at__isnull=True).order_by("pk")
    recent = Prefetch("messages", Message.objects.order_by("-pk"), to_attr="recent")
    shown = [(row, [RULES[code] for code in row.rules], row.recent[:SHOWN]) for row in rows.prefetch_related(recent)]
    context = {**frame(project, "overview", standing), "project": project, "form": form, "channels": shown}
    return render(request, "reports/channels.html", context, status=status)


def opened(request: HttpRequest, project: Project, form: ChannelForm) -> bool:
    """Open the channel of a form; the refusal stands beside its field."""
    try:
        open_channel(actor=member(request), project=project, **form.cleaned_data)
    except InvalidInput as refusal:
        for fault in refusal.errors:
            form.add_error(fault["pointer"].removeprefix("#/"), fault["detail"])
        return False
    except DomainError as refusal:
        form.add_error(None, refusal.detail or refusal.title)
        return False
    messages.success(request, "The channel is open. What holds now is sent within a quarter of an hour.")
    return True


def act(request: HttpRequest, project: Project, do: str) -> None:
    """Test, try again or close a channel, and say what became of it."""
    actor, channel = member(request), channel_of(project, request.POST.get("channel", ""))
    if do == "test":
        fault = send_test(actor=actor, channel=channel).fault
        if fault:
            messages.error(request, f"Not sent: {fault}")
        else:
            messages.success(request, "The test was taken.")
    elif do == "retry":
        due.retry(channel)
        messages.success(request, "It is tried again.")
    elif do == "close":
        close_channel(actor=actor, channel=channel)
        messages.success(request, "The channel is closed.")
