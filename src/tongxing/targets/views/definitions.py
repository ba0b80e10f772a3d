"""Targets as rows: a bureau adds another target of a known shape here, without code."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tongxing.accounts.requests import user_of
from tongxing.audit.conflicts import FIELD, EditConflict, Watch
from tongxing.core.access import insist, requires
from tongxing.targets import definitions as acts
from tongxing.targets.forms import TargetForm
from tongxing.targets.models import Target
from tongxing.targets.rules import can_define


@requires("targets.view")
def definitions(request: HttpRequest) -> HttpResponse:
    day = timezone.localdate()
    targets = Target.objects.visible_to(request.user)
    rows = [(row, acts.minimum_of(row, day), acts.share_of(row, day), acts.deadline_of(row, day)) for row in targets]
    return render(request, "targets/definitions.html", {"rows": rows, "day": day})


@requires("policy.edit")
def definition_new(request: HttpRequest) -> HttpResponse:
    insist(can_define(user_of(request)))
    form = TargetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        target = acts.add_target(form.save(commit=False), by=user_of(request))
        messages.success(request, f"已新增目标“{target.title}”，各页会按它统计。")
        return redirect("targets:definitions")
    return render(request, "targets/definition_form.html", {"form": form, "title": "新增目标"})


@requires("policy.edit")
def definition_edit(request: HttpRequest, key: str) -> HttpResponse:
    insist(can_define(user_of(request)))
    target = get_object_or_404(Target, key=key)
    form = TargetForm(request.POST or None, instance=target)
    watch = Watch(lambda: [target])
    if request.method == "POST" and form.is_valid():
        version = request.POST.get("version", "")
        read = int(version) if version.isdecimal() and len(version) < 10 else -1
        try:
            with watch.unmoved(request):
                now = Target.objects.values_list("version", flat=True).get(pk=target.pk)
                acts.change_target(target, form.cleaned_data, version=now if request.POST.get(FIELD) else read, by=user_of(request))
        except EditConflict as conflict:
            form.add_error(None, conflict.message)
        else:
            messages.success(request, "目标已保存，统计会按新的定义重算。")
            return redirect("targets:definitions")
    context = {"form": form, "title": f"修改目标：{target.title}", "seen": watch.seen}
    return render(request, "targets/definition_form.html", context)
