from django.db import migrations


def copy(apps, schema_editor):
    area, succession = apps.get_model("areas", "Area"), apps.get_model("areas", "Succession")
    ended = area.objects.exclude(successor=None).exclude(valid_until=None)
    succession.objects.bulk_create([succession(old_id=row.pk, new_id=row.successor_id, on=row.valid_until) for row in ended])


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0002_succession'),
    ]

    operations = [
        migrations.RunPython(copy, migrations.RunPython.noop),
    ]
