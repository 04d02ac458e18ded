"""Addresses of services as long as the line of a request. PostgreSQL rewrites no row for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sso", "0002_catalogue_version")]

    operations = [
        migrations.AlterField(
            model_name="ticket",
            name="address",
            field=models.CharField(max_length=8000, verbose_name="adresse exacte"),
        ),
        migrations.AlterField(
            model_name="logoutnotice",
            name="address",
            field=models.CharField(max_length=8000, verbose_name="adresse"),
        ),
    ]
