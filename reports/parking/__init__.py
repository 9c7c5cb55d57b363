"""How full lots were, and what each space earned."""
