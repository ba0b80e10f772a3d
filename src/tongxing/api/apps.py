from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "tongxing.api"
    label = "api"
