"""Valet: cars that staff park and bring back."""
