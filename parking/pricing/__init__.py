"""Prices that follow demand: a multiplier for each kind of space, moved in steps within the operator's limits."""
