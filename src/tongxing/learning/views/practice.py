"""The book of wrong answers, and feedback on a class that is over."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.learning.feedback import give_feedback
from tongxing.learning.models import QUESTIONS, WrongAnswer
from tongxing.learning.own import may_give_feedback
from tongxing.learning.practising import open_wrong, practise, rights_needed
from tongxing.registry.views.act_page import act_page, posted

from .found import own_enrolment, own_person

MARKS = [(mark, f"{mark} 分") for mark in range(5, 0, -1)]


@requires("learning.own")
@require_GET
def practice(request: HttpRequest) -> HttpResponse:
    """The question that waits longest, and how many there are."""
    person = own_person(request)
    rows = open_wrong(person)
    done = WrongAnswer.objects.filter(person=person, mastered_at__isnull=False).count()
    context = {"row": rows.first(), "left": rows.count(), "done": done, "needed": rights_needed()}
    return render(request, "learning/practice.html", context)


@requires("learning.own")
@require_POST
def practice_answer(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(open_wrong(own_person(request)), pk=pk)
    letters = request.POST.getlist("answer")
    right = practise(row, letters)
    row.refresh_from_db()
    context = {"row": row, "answered": True, "is_right": right, "letters": "".join(sorted(letters)), "needed": rights_needed()}
    return render(request, "learning/practice.html", context)


class FeedbackForm(forms.Form):
    """Five marks and a free text; the questions are the columns of the answer."""

    words = forms.CharField(label="意见和建议", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, label in QUESTIONS.items():
            self.fields[name] = forms.TypedChoiceField(label=label, choices=MARKS, coerce=int, widget=forms.RadioSelect)
        self.order_fields([*QUESTIONS, "words"])


@requires("learning.own")
def feedback(request: HttpRequest, uid: UUID) -> HttpResponse:
    row, user = own_enrolment(request, uid), user_of(request)
    if not may_give_feedback(row):
        messages.info(request, "这个班您已经评价过，或现在还不能评价。")
        return redirect("learning:own")
    form = FeedbackForm(posted(request))

    def run(values: dict[str, object]) -> None:
        marks = {name: int(str(values[name])) for name in QUESTIONS}
        give_feedback(row, marks, str(values["words"]), by=user)

    title, hint = f"评价：{row.training_class.title}", "不记名：机构和经办只看到汇总，不知道是谁写的；满 5 份才显示。5 分最好。"
    return act_page(request, form, run=run, back=reverse("learning:own"), title=title, hint=hint, done="已收到，谢谢。", submit="提交评价")
