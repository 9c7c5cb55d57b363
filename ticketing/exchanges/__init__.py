"""Tickets exchanged for others: another type, another date. The old ones go back once the new ones are paid."""
