"""What an outlet makes and hands over: fulfilments, their moves, the kitchen's screen and the runner's list."""
