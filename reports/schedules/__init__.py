"""Reports that are sent by e-mail by themselves, at an hour of the venue's clock."""
