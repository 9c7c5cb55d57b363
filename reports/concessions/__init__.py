"""What outlets sell, by the hour, and how long they take to make it."""
