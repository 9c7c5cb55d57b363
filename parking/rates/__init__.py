"""Tariffs: what an operator may ask for a stay, and what it comes to. Pure arithmetic."""
