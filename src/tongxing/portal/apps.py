from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "tongxing.portal"
    label = "portal"
