"""What the search index keeps of an organisation or a person: no personal data but the name."""

from django.db import models


class SearchKind(models.TextChoices):
    ORGANISATION = "o", "单位"
    PERSON = "p", "人员"


class SearchEntry(models.Model):
    """One searchable name. `id` is twice the object's id, plus one for people, so that upserts need no look-up.

    The bigrams stand in the FTS5 table `registry_search_fts` on SQLite and in the column `grams` (tsvector, GIN) on PostgreSQL;
    the migration makes both, `registry.search` alone reads and writes them.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=1, choices=SearchKind.choices)
    object_id = models.BigIntegerField()
    area_code = models.BigIntegerField()
    key = models.CharField(max_length=128, help_text="名称的归一形式")
    initials = models.CharField(max_length=128, help_text="拼音首字母")

    class Meta:
        # Pieces of names and initials are found by their bigrams; whole names alone are asked for by `key`.
        indexes = [models.Index(fields=["key"], name="registry_search_key")]
