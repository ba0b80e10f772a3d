from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "tongxing.registry"
    label = "registry"
