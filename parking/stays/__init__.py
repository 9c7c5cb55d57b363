"""Cars that are there: sessions, what they cost and who pays, and the gate that lets them in and out."""
