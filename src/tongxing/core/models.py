"""Small tables of the job queue (jobs.py) and of rate limits (limits.py); business tables stand in rooms."""

from django.db import models
from django.utils import timezone


class WorkerLife(models.Model):
    """A worker process that is, or was, alive: it renews `seen_at` every few seconds."""

    worker_id = models.CharField(max_length=64, primary_key=True)
    host = models.CharField(max_length=120)
    pid = models.IntegerField()
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)


class PeriodicJob(models.Model):
    """When a periodic job is due next; the worker that moves `due_at` on is the one that queues it."""

    path = models.CharField(max_length=200, primary_key=True)
    due_at = models.DateTimeField()


class LimitedUse(models.Model):
    """How often one door was used by one visitor in one window of time; `until` is the window's end in Unix seconds."""

    key = models.CharField(max_length=160, primary_key=True)
    uses = models.IntegerField()
    until = models.BigIntegerField(db_index=True)
