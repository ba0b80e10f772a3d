from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "tongxing.papers"
    label = "papers"
