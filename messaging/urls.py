"""Addresses of the mailbox."""

from django.urls import path

from messaging.views import mailbox, preferences

app_name = "messaging"

urlpatterns = [
    path("", mailbox.mailbox, name="mailbox"),
    path("actes/", mailbox.act, name="act"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("<uuid:delivery>/", mailbox.message, name="message"),
    path("<uuid:delivery>/pieces/<uuid:attachment>/", mailbox.download, name="download"),
]
