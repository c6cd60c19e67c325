from django.urls import path

from voisoadmin.controls import views

app_name = "controls"
urlpatterns = [
    path("campaigns/<int:pk>/controls/", views.panel, name="panel"),
    path("campaigns/<int:pk>/operate/", views.operate, name="operate"),
    path("campaigns/<int:pk>/stop/", views.confirm_stop, name="confirm_stop"),
]
