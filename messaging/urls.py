"""Addresses of the mailbox."""

from django.urls import path

from messaging.addresses import views as address
from messaging.mailbox import views as mailbox
from messaging.preferences import views as preferences

app_name = "messaging"

urlpatterns = [
    path("", mailbox.mailbox, name="mailbox"),
    path("actes/", mailbox.act, name="act"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("preferences/adresse/", address.change_address, name="change-address"),
    path("preferences/adresse/retirer/", address.remove, name="remove-address"),
    path("adresse/", address.confirm_address, name="confirm-address"),
    path("adresse/<str:token>/", address.address_link, name="address-link"),
    path("<uuid:entry>/", mailbox.message, name="message"),
    path("<uuid:entry>/pieces/<uuid:attachment>/", mailbox.download, name="download"),
]
