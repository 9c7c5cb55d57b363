"""The console's pages of this room."""
