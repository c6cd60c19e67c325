from django.apps import AppConfig


class UploadsConfig(AppConfig):
    name = "voisoadmin.uploads"
    label = "uploads"
    default_auto_field = "django.db.models.BigAutoField"
