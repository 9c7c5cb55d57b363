"""A night of sales while everything that can die dies: `make chaos`. docs/chaos.md tells what it does and found."""
