from django.apps import AppConfig


class TargetsConfig(AppConfig):
    name = "tongxing.targets"
    label = "targets"
