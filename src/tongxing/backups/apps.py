from django.apps import AppConfig


class BackupsConfig(AppConfig):
    name = "tongxing.backups"
    label = "backups"
