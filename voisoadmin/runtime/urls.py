from django.urls import path

from voisoadmin.runtime import shell

app_name = "runtime"
urlpatterns = [
    path("contact/", shell.contact, name="contact"),
]
