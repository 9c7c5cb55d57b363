"""Refunds and disputes: how often, how much, why and by whom."""
