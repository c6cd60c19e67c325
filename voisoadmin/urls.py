from django.urls import include, path

from voisoadmin.accounts.roles import open_to_viewers
from voisoadmin.accounts.views import SignIn

urlpatterns = [
    path("", include("voisoadmin.campaigns.urls")),
    path("", include("voisoadmin.accounts.urls")),
    path("", include("voisoadmin.operations.urls")),
    path("", include("voisoadmin.connections.urls")),
    path("", include("voisoadmin.uploads.urls")),
    path("", include("voisoadmin.feeds.urls")),
    path("", include("voisoadmin.controls.urls")),
    path("", include("voisoadmin.assignments.urls")),
    path("", include("voisoadmin.rules.urls")),
    path("", include("voisoadmin.site.urls")),
    # The only name that allauth's own code looks up; none of its addresses is included.
    path("sign-in/", open_to_viewers(SignIn.as_view()), name="account_login"),
]
handler400 = "voisoadmin.site.views.bad_request"
handler403 = "voisoadmin.site.views.forbidden"
handler404 = "voisoadmin.site.views.not_found"
handler500 = "voisoadmin.site.views.server_error"
