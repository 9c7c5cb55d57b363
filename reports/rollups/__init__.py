"""Rollups: a venue's day in a few rows, always computed whole from what the other apps recorded."""
