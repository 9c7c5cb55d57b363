"""What a buyer does once the order is handed over: a tip for those who served, and a rating."""
