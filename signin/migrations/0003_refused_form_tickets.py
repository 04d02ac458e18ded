"""A form that was refused is dead; one that was not may come a second time within a minute."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signin", "0002_kept_forms")]

    operations = [
        migrations.AddField(
            model_name="loginticket",
            name="refused_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="refusé le"),
        ),
    ]
