"""An event that was moved: until a date its buyers keep what they bought, or give it back."""
