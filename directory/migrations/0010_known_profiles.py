"""Check the profiles of every person, beside whoever writes."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0009_university_directories"),
    ]

    operations = [
        ValidateConstraint(model_name="person", name="person_profile_known"),
    ]
