"""Addresses of the background work."""

from django.urls import path

from ent.jobs import views

app_name = "jobs"
urlpatterns = [
    path("<uuid:uuid>/", views.job_progress, name="progress"),
    path("<uuid:uuid>/annuler/", views.job_cancel, name="cancel"),
]
