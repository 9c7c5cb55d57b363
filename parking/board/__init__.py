"""The live board of lots: how full they are, who is inside, and what can be done about it with a thumb."""
