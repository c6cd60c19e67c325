from django.urls import path

from voisoadmin.site import frame

app_name = "runtime"
urlpatterns = [
    path("contact/", frame.contact, name="contact"),
]
