from django.apps import AppConfig


class PushesConfig(AppConfig):
    name = "voisoadmin.pushes"
    label = "pushes"
    default_auto_field = "django.db.models.BigAutoField"
