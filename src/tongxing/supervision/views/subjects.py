"""Where the thing that an anomaly is about is looked at: the batch, the class, or the body with its record."""

import re

from django.urls import reverse

from tongxing.accounts.models import User
from tongxing.evaluation.models import AssessmentBatch
from tongxing.supervision.models import Anomaly, Rule
from tongxing.training.models import TrainingClass

OF_BATCHES = {Rule.SAME_SCORES, Rule.FLAT_SCORES, Rule.LAST_DIGIT, Rule.ABSENT}


def subjects(row: Anomaly, user: User) -> list[tuple[str, str, str]]:
    """(what it is, its name, its page), those that `user` may open."""
    found = []
    number = re.match(r"\d+", row.reference)
    if number and row.rule in OF_BATCHES:
        batches = AssessmentBatch.objects.visible_to(user).filter(pk=number[0])
        found += [("评价批次", f"{one.code} {one.title}", reverse("evaluation:batch", args=[one.uid])) for one in batches]
    elif number and row.rule == Rule.UNTAUGHT:
        classes = TrainingClass.objects.visible_to(user).filter(pk=number[0])
        found += [("培训班", one.title, reverse("training:class", args=[one.uid])) for one in classes]
    if row.organisation:
        found.append(("督导记录", row.organisation.name, reverse("supervision:of-body", args=[row.organisation.uid])))
    return found
