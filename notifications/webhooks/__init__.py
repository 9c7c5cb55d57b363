"""Outbound webhooks: what happened at a venue, told to the venue's own systems, signed and retried for days."""
