"""What the stands and shops of a venue sell: outlets, products with variants and options, and their stock."""
