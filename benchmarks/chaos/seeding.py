"""What is on sale while it runs, and who works there: for `manage.py shell`, which prints it as JSON."""

SEED = """
import json
from trufan.testing import (
    PASSWORD, CapacityFactory, EventFactory, LotFactory, OutletFactory, ProductFactory, ProductVariantFactory,
    StaffFactory, TaxRateFactory, TicketTypeFactory,
)
from venues.models import TaxRate

event = EventFactory(capacity=100_000)
venue = event.venue
TaxRateFactory(venue=venue)
paid, free = TicketTypeFactory(event=event, quantity=20_000), TicketTypeFactory(event=event, price=0, quantity=20_000)
scarce = TicketTypeFactory(event=event, price=2_500, quantity=40)
outlet = OutletFactory(venue=venue)
burger = ProductVariantFactory(product=ProductFactory(outlet=outlet), quantity=20_000)
lot = LotFactory(venue=venue)
lot.tariff["grace_minutes"] = 60
lot.save()
CapacityFactory(lot=lot, spaces=400)
TaxRateFactory(venue=venue, category=TaxRate.Category.PARKING, name="Parking tax")
print(json.dumps({
    "event": str(event.pk), "paid": str(paid.pk), "free": str(free.pk), "scarce": str(scarce.pk),
    "outlet": str(outlet.pk), "burger": str(burger.pk), "lot": str(lot.pk),
    "manager": StaffFactory(venue=venue).user.email, "password": PASSWORD,
}))
"""
