"""What was sold and what went back, by what, where and how: divided from the books' movements, to the cent."""
