"""What every page of the console stands on.

`tenancy.TenantModelAdmin` keeps each page to the venues of the person who asks, `buttons.RowButton` puts a rule behind
a confirmation page, `columns` prints money and times, `sections` are the tables below a row, `venue_labels` tells
whose row it is. Import from the modules; they load the admin and so belong into `admin.py` modules alone.
"""
