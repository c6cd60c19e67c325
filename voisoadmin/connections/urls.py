from django.urls import path

from voisoadmin.connections import views

app_name = "connections"
urlpatterns = [
    path("connections/", views.connection_list, name="list"),
    path("connections/new/", views.new, name="new"),
    path("connections/<int:pk>/", views.edit, name="edit"),
    path("connections/<int:pk>/check/", views.check, name="check"),
    path("connections/<int:pk>/forget/", views.forget, name="forget"),
    path("connections/<int:pk>/remove/", views.remove, name="remove"),
]
