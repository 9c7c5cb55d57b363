"""What makes rollups out of date, by name."""

#: Money moved, or something was handed out for nothing.
MONEY = "money"
#: Tickets were issued, used or taken back, or somebody was refused: marked on the day of the event.
DOOR = "door"
#: A kitchen moved an order on: marked when the order came in.
KITCHEN = "kitchen"
#: A car came or left, or what a lot took is another sum.
PARKING = "parking"
