from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "tongxing.audit"
    label = "audit"
