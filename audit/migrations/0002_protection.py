"""The triggers that guard the trail and fill the queue of entries to be sealed (`audit/protection.py`)."""

from django.db import migrations

from audit import protection


def install(apps, schema_editor):
    protection.install(schema_editor.connection)


def uninstall(apps, schema_editor):
    protection.uninstall(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
    ]

    operations = [
        # After everything else, here and in later migrations: on SQLite, altering a table copies it and leaves its
        # triggers behind.
        migrations.RunPython(install, uninstall),
    ]
