from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0002_online_lessons'),
    ]

    operations = [
        migrations.AddField(
            model_name='attendance',
            name='remark',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='备注'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='attendancechange',
            name='claimed',
            field=models.CharField(blank=True, choices=[('present', '到课'), ('late', '迟到'), ('leave', '请假'), ('absent', '缺课')], default='', max_length=8, verbose_name='另记为'),
            preserve_default=False,
        ),
    ]
