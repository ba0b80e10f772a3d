from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "tongxing.certificates"
    label = "certificates"
