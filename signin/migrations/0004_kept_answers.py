from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signin", "0003_refused_form_tickets"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                (
                    "token_hash",
                    models.BinaryField(max_length=32, primary_key=True, serialize=False),
                ),
                ("browser_hash", models.BinaryField(max_length=32)),
                ("sign_on", models.UUIDField(blank=True, null=True)),
                ("locked", models.BinaryField()),
                ("kept_at", models.DateTimeField(verbose_name="gardé le")),
            ],
            options={
                "verbose_name": "réponse à un formulaire refusé",
                "verbose_name_plural": "réponses à des formulaires refusés",
                "indexes": [
                    models.Index(fields=["kept_at"], name="kept_answer_kept_at"),
                    models.Index(fields=["browser_hash"], name="kept_answer_browser"),
                    models.Index(fields=["sign_on"], name="kept_answer_sign_on"),
                ],
            },
        ),
    ]
