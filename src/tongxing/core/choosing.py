"""What a form's field offers, set once the form knows who asks."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.forms import BaseForm, ModelChoiceField


def offer(form: BaseForm, name: str, rows: "QuerySet[Any]", *, label: Callable[[Any], str] | None = None) -> None:
    """Let the field `name` offer `rows`, each said as `label` says it."""
    field = form.fields[name]
    assert isinstance(field, ModelChoiceField)
    field.queryset = rows
    if label:
        # Django's own door is a subclass for every wording.
        field.label_from_instance = label  # type: ignore[method-assign, assignment]
