from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "tongxing.credentials"
    label = "credentials"
