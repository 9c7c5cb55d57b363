from django.db import migrations, models

_NAMES = ("last_name", "first_name")


def install(apps, schema_editor):
    """As the console looks for names: from their beginning, in any case, whatever the database's collation is."""
    if schema_editor.connection.vendor == "postgresql":
        for name in _NAMES:
            schema_editor.execute(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS user_{name} "
                f"ON accounts_user (UPPER({name}::text) text_pattern_ops)"
            )


def uninstall(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in _NAMES:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS user_{name}")


class Migration(migrations.Migration):
    atomic = False  # an index that is built while people sign in is built in no transaction

    dependencies = [
        ("accounts", "0002_second_factor_and_console_sessions"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["-created_at"], name="user_created"),
        ),
        migrations.RunPython(install, uninstall),
    ]
