"""The numbers: rollups of what the other apps record, and the reports that are served from them."""
