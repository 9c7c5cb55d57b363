"""A venue sets up where its money goes: a link to the provider's form, and how its account stands."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.grants import Permission
from audit.models import AuditLog
from payments import gateways
from payments.errors import GatewayUnavailable
from payments.gateways.sandbox import SandboxGateway
from payments.models import ConnectedAccount, SandboxAccount
from trufan.testing import StaffFactory
from trufan.tests.console_client import as_, buttons_on, press, url
from venues import fees, payouts
from venues.models import FeeRule

pytestmark = pytest.mark.django_db


def address(venue, rest=""):
    return f"/api/v1/venues/{venue.pk}/payouts{rest}"


def test_a_manager_sets_up_payouts_and_sees_them_ready(api, venue, olga):
    caller = api.as_(olga)
    assert caller.get(address(venue)).json() == {
        "status": "none", "requirements": [], "currency": "USD", "checked_at": None,
    }  # fmt: skip
    answer = caller.post(address(venue, "/onboarding"))
    assert answer.status_code == 200
    link = urlsplit(answer.json()["url"])
    standing = caller.get(address(venue)).json()
    assert standing["status"] == "restricted"
    assert standing["requirements"]
    done = api.post(link.path, {"secret": parse_qs(link.query)["secret"][0]})
    assert (done.status_code, done.json()["status"]) == (200, "ready")
    assert caller.get(address(venue)).json()["status"] == "ready"
    assert AuditLog.objects.filter(action="account.onboarding_started", venue_id=venue.pk, actor=olga).count() == 1
    assert AuditLog.objects.filter(action="account.changed", venue_id=venue.pk).count() == 2


def test_asking_again_gives_a_link_to_the_same_account(api, venue, olga):
    links = {api.as_(olga).post(address(venue, "/onboarding")).json()["url"] for _ in range(2)}
    assert len(links) == ConnectedAccount.objects.count() == SandboxAccount.objects.count() == 1


def test_a_provider_that_dropped_the_line_is_asked_again_for_the_same_account(api, venue, olga, monkeypatch):
    def drops(self, account):
        SandboxGateway.open_account(self, account)
        raise GatewayUnavailable

    kind = type("Drops", (SandboxGateway,), {"open_account": drops})
    with monkeypatch.context() as bad:
        bad.setitem(gateways.PROVIDERS, "sandbox", kind)
        assert api.as_(olga).post(address(venue, "/onboarding")).status_code == 503
    assert api.as_(olga).post(address(venue, "/onboarding")).status_code == 200
    assert SandboxAccount.objects.count() == 1


@pytest.mark.parametrize("rest", ["", "/onboarding"])
def test_only_who_may_manage_payouts_reaches_them(api, venue, stan, gus, fay, rest):
    def ask(user):
        caller = api.as_(user)
        return (caller.post if rest else caller.get)(address(venue, rest)).status_code

    clerk = StaffFactory(venue=venue, role="box_office").user
    assert [ask(user) for user in (None, fay, stan, gus, clerk)] == [401, 403, 403, 403, 403]
    allowed = StaffFactory(venue=venue, role="door", extra_permissions=[Permission.MANAGE_PAYOUTS]).user
    assert ask(allowed) == 200


def test_a_wrong_secret_completes_nothing(api, venue, olga):
    payouts.begin(venue, by=olga)
    account = ConnectedAccount.objects.get()
    form = f"/api/v1/sandbox/accounts/{account.pk}/complete"
    assert api.post(form, {"secret": "wrong"}).status_code == 404
    assert api.post(f"/api/v1/sandbox/accounts/{venue.pk}/complete", {"secret": "wrong"}).status_code == 404
    assert api.post(form, {}).status_code == 422
    account.refresh_from_db()
    assert account.status == "restricted"


def test_the_sandboxs_form_is_not_served_in_production(api, venue, olga, settings):
    payouts.begin(venue, by=olga)
    settings.DJANGO_ENV = "production"
    form = f"/api/v1/sandbox/accounts/{ConnectedAccount.objects.get().pk}/complete"
    assert api.post(form, {"secret": SandboxAccount.objects.get().secret}).status_code == 404


def test_the_console_gives_the_link_to_who_may_manage_payouts(venue, olga):
    account = payouts.account_of(venue)
    assert buttons_on(olga, account) == {"onboard"}
    assert f"/sandbox/accounts/{account.pk}/complete?secret=" in press(olga, account, "onboard")
    assert buttons_on(olga, account) == {"onboard", "refresh"}
    SandboxAccount.objects.update(status="ready")
    assert "was asked" in press(olga, account, "refresh")
    account.refresh_from_db()
    assert account.status == "ready"
    clerk = StaffFactory(venue=venue, role="box_office").user
    assert buttons_on(clerk, account) == set()


def test_platform_fees_are_super_admins_to_set(venue, olga, ada):
    form = {"venue": venue.pk, "kind": "ticket", "paid_by": "venue", "fixed": "0.50", "ppm": "2.5", "is_active": "on"}
    assert as_(olga).post(url(FeeRule, "add"), form).status_code == 403
    assert as_(ada).post(url(FeeRule, "add"), form).status_code == 302
    rule = FeeRule.objects.get()
    assert (rule.fixed, rule.ppm) == (50, 25_000)
    assert as_(olga).get(url(FeeRule, "change", rule.pk)).status_code == 200
    assert as_(olga).post(url(FeeRule, "change", rule.pk), form).status_code == 403
    assert as_(ada).post(url(FeeRule, "change", rule.pk), {**form, "fixed": "0.75"}).status_code == 302
    assert AuditLog.objects.filter(action="fee_rule.changed", actor=ada).count() == 1
    assert fees.out_of_price(venue, "ticket", 1_000) == 100


def test_a_provider_that_pays_no_recipients_says_so_and_the_share_stays_owed(api, venue, olga, monkeypatch):
    class ChargesAlone:
        name = "sandbox"

    monkeypatch.setitem(gateways.PROVIDERS, "sandbox", ChargesAlone)
    answer = api.as_(olga).post(address(venue, "/onboarding"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "payouts_unavailable")
    assert ConnectedAccount.objects.get(venue_id=venue.pk).status == ConnectedAccount.Status.PENDING
