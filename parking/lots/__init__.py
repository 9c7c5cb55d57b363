"""Where cars stand: lots, their spaces by kind, their hours and pictures; set up and found."""
