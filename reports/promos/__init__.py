"""Promo codes: how often they were used, what they took off and what they brought."""
