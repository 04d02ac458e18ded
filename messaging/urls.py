"""Addresses of the mailbox."""

from django.urls import path

from messaging.views import address, mailbox, preferences

app_name = "messaging"

urlpatterns = [
    path("", mailbox.mailbox, name="mailbox"),
    path("actes/", mailbox.act, name="act"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("preferences/adresse/", address.change_address, name="change-address"),
    path("preferences/adresse/retirer/", address.remove, name="remove-address"),
    path("adresse/", address.confirm_address, name="confirm-address"),
    path("adresse/<str:token>/", address.address_link, name="address-link"),
    path("<uuid:delivery>/", mailbox.message, name="message"),
    path("<uuid:delivery>/pieces/<uuid:attachment>/", mailbox.download, name="download"),
]
