"""The remark of a yearly confirmation goes into the vault, and reminders get a table."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import tongxing.registry.models.fields
from tongxing.core.vault import seal, unseal
from tongxing.registry.models.fields import VaultColumn


def give_uids(apps, schema_editor):
    confirmations = apps.get_model("registry", "RecordConfirmation")
    rows = list(confirmations.objects.all())
    for row in rows:
        row.uid = uuid.uuid4()
    confirmations.objects.bulk_update(rows, ["uid"], batch_size=500)


def seal_remarks(apps, schema_editor):
    confirmations = apps.get_model("registry", "RecordConfirmation")
    rows = list(confirmations.objects.exclude(remark=""))
    for row in rows:
        row.remark_sealed = seal(row.remark, VaultColumn.context(confirmations, "remark_sealed", row.uid))
    confirmations.objects.bulk_update(rows, ["remark_sealed"], batch_size=500)


def unseal_remarks(apps, schema_editor):
    confirmations = apps.get_model("registry", "RecordConfirmation")
    rows = list(confirmations.objects.exclude(remark_sealed=""))
    for row in rows:
        row.remark = unseal(row.remark_sealed, VaultColumn.context(confirmations, "remark_sealed", row.uid))
    confirmations.objects.bulk_update(rows, ["remark"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("registry", "0007_past_places")]

    operations = [
        migrations.AddField("recordconfirmation", "uid", models.UUIDField(null=True, editable=False)),
        migrations.AddField(
            "recordconfirmation",
            "remark_sealed",
            tongxing.registry.models.fields.VaultColumn(
                blank=True, default="", help_text="常常写着新的手机号或证件号，所以加密保存", verbose_name="需要更正的内容"
            ),
        ),
        migrations.RunPython(give_uids, migrations.RunPython.noop),
        migrations.RunPython(seal_remarks, unseal_remarks),
    ]
