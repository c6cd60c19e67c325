from django.urls import path

from voisoadmin.controls import views
from voisoadmin.controls.bulk import views as bulk

app_name = "controls"
urlpatterns = [
    path("bulk/change/", bulk.change_many, name="change_many"),
    path("campaigns/<int:pk>/controls/", views.panel, name="panel"),
    path("campaigns/<int:pk>/operate/", views.operate, name="operate"),
    path("campaigns/<int:pk>/stop/", views.confirm_stop, name="confirm_stop"),
]
