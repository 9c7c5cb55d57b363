"""Who came, who did not, and how the doors went."""
