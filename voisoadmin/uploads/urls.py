from django.urls import path

from voisoadmin.uploads import actions, downloads, views

app_name = "uploads"
urlpatterns = [
    path("uploads/", views.upload_list, name="list"),
    path("uploads/new/", views.new, name="new"),
    path("uploads/template.<str:ending>", downloads.template, name="template"),
    path("uploads/<int:pk>/", views.detail, name="detail"),
    path("uploads/<int:pk>/choices/", actions.choices, name="choices"),
    path("uploads/<int:pk>/discard/", actions.discard, name="discard"),
    path("uploads/<int:pk>/rejected/", views.rejected_of, name="rejected_of"),
    path("campaigns/<int:pk>/uploads/", views.of_campaign, name="of_campaign"),
    path("rejected/", views.rejected, name="rejected"),
]
