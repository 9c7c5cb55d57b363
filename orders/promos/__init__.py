"""Promo codes: what they take off a cart, how often they may be used, and who makes them."""
