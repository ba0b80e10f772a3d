"""Expressions about columns that Django has no spelling for."""

from django.db.models import BooleanField, Func


class Filled(Func):
    """Whether a text column is not blank, as a condition of an index and of the queries that shall use it.

    `~Q(column="")` sends the blank as a parameter, and a planner that does not know its value cannot use the partial index.
    """

    template = "%(expressions)s <> ''"
    output_field = BooleanField()
