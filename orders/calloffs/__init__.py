"""An event that was called off: every order of it made right, one by one, however often the work is interrupted."""
