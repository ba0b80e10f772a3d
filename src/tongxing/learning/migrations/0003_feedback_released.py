from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('learning', '0002_question_numbers'),
    ]

    operations = [
        # Answers that are there were counted on every page until now: they stay so; those to come wait for one another.
        migrations.AddField(
            model_name='feedback',
            name='is_released',
            field=models.BooleanField(default=True, help_text='与同时计入的几份一起显示，不会单独显示', verbose_name='已计入'),
        ),
        migrations.AlterField(
            model_name='feedback',
            name='is_released',
            field=models.BooleanField(default=False, help_text='与同时计入的几份一起显示，不会单独显示', verbose_name='已计入'),
        ),
    ]
