from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "tongxing.files"
    label = "files"
