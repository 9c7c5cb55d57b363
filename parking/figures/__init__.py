"""What a lot's past tells: how full it was at which hour, what each space earned, how long cars stayed."""
