from django.urls import URLPattern, URLResolver, path

from voisoadmin.runtime import shell

app_name = "runtime"
urlpatterns: list[URLPattern | URLResolver] = [
    path("contact/", shell.contact, name="contact"),
]
