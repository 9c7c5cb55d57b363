"""What every test of the door starts from."""

from ticketing.tests.conftest import ticket as ticket
