from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "tongxing.desk"
    label = "desk"
