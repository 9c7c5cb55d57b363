"""The promise: who takes which space when, and how many are left. Every car, booking and block is a `SpaceUse`."""
