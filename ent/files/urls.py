"""Addresses of the downloads."""

from django.urls import path

from ent.files import views

app_name = "files"
urlpatterns = [path("<uuid:uuid>/", views.download, name="download")]
