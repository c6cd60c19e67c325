from django.urls import path

from voisoadmin.assignments import views
from voisoadmin.assignments.picking import views as picking

app_name = "assignments"
urlpatterns = [
    path("people/", views.roster, name="roster"),
    path("people/<int:pk>/refresh/", views.refresh_roster, name="refresh_roster"),
    path("people/<int:pk>/look/", views.look_at_roster, name="look_at_roster"),
    path("people/assign/", picking.selected_campaigns, name="pick_for"),
    path("people/agents/<int:pk>/", views.agent, name="agent"),
    path("people/teams/<int:pk>/", views.team, name="team"),
    path("people/<int:pk>/assign/", picking.pick, name="pick"),
    path("campaigns/<int:pk>/people/", views.panel, name="panel"),
    path("campaigns/<int:pk>/people/look/", views.look, name="look"),
    path("campaigns/<int:pk>/people/change/", views.change, name="change"),
]
