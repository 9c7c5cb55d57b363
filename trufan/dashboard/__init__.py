"""What staff land on: tonight at their venues, a panel for each job, in a number of queries that does not grow."""
