"""Number plates and the vehicles that fans keep."""
