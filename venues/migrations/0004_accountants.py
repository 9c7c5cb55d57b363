from django.db import migrations, models

ROLES = ["manager", "box_office", "door", "kitchen", "parking", "accountant"]


class Migration(migrations.Migration):
    """A role for those who close the month."""

    dependencies = [("venues", "0003_seating_plans")]

    operations = [
        migrations.RemoveConstraint(model_name="venuestaff", name="staff_role_known"),
        migrations.AlterField(
            model_name="venuestaff",
            name="role",
            field=models.CharField(
                choices=[
                    ("manager", "Manager"),
                    ("box_office", "Box Office"),
                    ("door", "Door"),
                    ("kitchen", "Kitchen"),
                    ("parking", "Parking"),
                    ("accountant", "Accountant"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="venuestaff",
            constraint=models.CheckConstraint(condition=models.Q(role__in=ROLES), name="staff_role_known"),
        ),
    ]
