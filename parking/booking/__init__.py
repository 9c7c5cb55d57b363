"""Booking ahead: quotes that hold their price, reservations, and what becomes of them."""
