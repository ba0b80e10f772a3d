from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0003_copy_successors'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='area',
            name='successor',
        ),
    ]
