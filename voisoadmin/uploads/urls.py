from django.urls import path

from voisoadmin.uploads.pages import actions, downloads, fixed_rows, new_page, row_page, views

app_name = "uploads"
urlpatterns = [
    path("uploads/", views.upload_list, name="list"),
    path("uploads/new/", new_page.new, name="new"),
    path("uploads/template.<str:ending>", downloads.template, name="template"),
    path("uploads/<int:pk>/", views.detail, name="detail"),
    path("uploads/<int:pk>/choices/", actions.choices, name="choices"),
    path("uploads/<int:pk>/answer/", actions.answer, name="answer"),
    path("uploads/<int:pk>/fix/", actions.fix, name="fix"),
    path("uploads/<int:pk>/fix-sent/", actions.fix_sent, name="fix_sent"),
    path("uploads/<int:pk>/rows/<int:number>/", row_page.row, name="row"),
    path("uploads/<int:pk>/rows/<int:number>/try/", row_page.try_row, name="try_row"),
    path("uploads/<int:pk>/send/", actions.send, name="send"),
    path("uploads/<int:pk>/pause/", actions.pause, name="pause"),
    path("uploads/<int:pk>/resume/", actions.resume, name="resume"),
    path("uploads/<int:pk>/cancel/", actions.cancel, name="cancel"),
    path("uploads/<int:pk>/release/", actions.release, name="release"),
    path("uploads/<int:pk>/resend/", actions.resend, name="resend"),
    path("uploads/<int:pk>/resend-fixed/", actions.resend_fixed, name="resend_fixed"),
    path("uploads/<int:pk>/rows-to-fix/<int:row>/", fixed_rows.fix_row, name="fix_row"),
    path("uploads/<int:pk>/dismiss/", actions.dismiss, name="dismiss"),
    path("uploads/<int:pk>/take-back/", actions.take_back, name="take_back"),
    path("uploads/<int:pk>/discard/", actions.discard, name="discard"),
    path("uploads/<int:pk>/restore/", actions.restore, name="restore"),
    path("uploads/<int:pk>/rejected/", views.rejected_of, name="rejected_of"),
    path("uploads/<int:pk>/download/<str:what>.<str:ending>", downloads.download, name="download"),
    path("campaigns/<int:pk>/uploads/", views.of_campaign, name="of_campaign"),
    path("rejected/", views.rejected, name="rejected"),
]
