"""The number of the change that a ticket had last, and the triggers that write it (`ticketing/manifest/versions.py`)."""

from django.db import migrations, models

from ticketing.manifest import versions


def install(apps, schema_editor):
    versions.install(schema_editor.connection)


def uninstall(apps, schema_editor):
    versions.uninstall(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ('ticketing', '0009_door'),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="door_version",
            field=models.BigIntegerField(default=0, editable=False, help_text="Written by the database at every change; see manifest/versions.py."),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["event", "door_version"], name="ticket_door_version"),
        ),
        migrations.AlterField(
            model_name="scan",
            name="reason",
            field=models.CharField(blank=True, choices=[('', 'none'), ('already_used', 'Already Used'), ('no_reentry', 'No Reentry'), ('not_inside', 'Not Inside'), ('wrong_event', 'Wrong Event'), ('wrong_gate', 'Wrong Gate'), ('not_on_list', 'Not On List'), ('wrong_slot', 'Wrong Slot'), ('not_yet', 'Not Yet'), ('too_late', 'Too Late'), ('event_cancelled', 'Event Cancelled'), ('refunded', 'Refunded'), ('disputed', 'Disputed'), ('refund_pending', 'Refund Pending'), ('outdated_code', 'Outdated Code'), ('code_not_rotating', 'Code Not Rotating'), ('screenshot', 'Screenshot'), ('forged', 'Forged'), ('unknown', 'Unknown'), ('by_scanner', 'By Scanner')], max_length=20),
        ),
        # After everything else: on SQLite, altering a table copies it and leaves its triggers behind.
        migrations.RunPython(install, uninstall),
    ]
