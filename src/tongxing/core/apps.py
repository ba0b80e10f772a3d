from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "tongxing.core"
    label = "core"
