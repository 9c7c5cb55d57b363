"""Tax by rate, charged and given back, as receipts and credit notes have it."""
