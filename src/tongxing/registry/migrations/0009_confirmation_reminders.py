import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from the sealing before it: PostgreSQL does not alter a table whose rows were changed in the same transaction."""

    dependencies = [("registry", "0008_confirmation_remarks")]

    operations = [
        migrations.RemoveField("recordconfirmation", "remark"),
        migrations.AlterField("recordconfirmation", "uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
        migrations.AlterModelOptions("recordconfirmation", {"verbose_name": "年度核实"}),
        migrations.AddIndex("recordconfirmation", models.Index(fields=["year", "organisation"], name="registry_confirmed_in_year")),
        migrations.CreateModel(
            name="ConfirmationReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.SmallIntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("by", models.CharField(max_length=60)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="confirmation_reminders",
                        to="registry.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "核实提醒",
                "indexes": [models.Index(fields=["organisation", "year"], name="registry_reminded_in_year")],
            },
        ),
    ]
