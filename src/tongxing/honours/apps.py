from django.apps import AppConfig


class HonoursConfig(AppConfig):
    name = "tongxing.honours"
    label = "honours"
