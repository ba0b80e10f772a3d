import django.db.models.deletion
from django.db import migrations, models

from tongxing.core.indexes import without_index


class Migration(migrations.Migration):
    """Lines and chunks of a batch are found by the wider indexes that begin with it."""

    dependencies = [("sheets", "0003_lines_about_records")]

    operations = [
        without_index(
            "chunk",
            "batch",
            models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="chunks", to="sheets.batch"),
            "sheets_chunk_batch_id_10a4b9d9",
            "sheets_chunk (batch_id)",
        ),
        without_index(
            "line",
            "batch",
            models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="sheets.batch"),
            "sheets_line_batch_id_462aa561",
            "sheets_line (batch_id)",
        ),
    ]
