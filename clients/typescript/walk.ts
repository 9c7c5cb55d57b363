// A night with TruFan through the generated types: a fan buys a ticket and something to eat, staff scan the one and pay
// back the other. Run it against `make run`: npm run walk -- http://localhost:8000

import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./schema.d.ts";

type Line = components["schemas"]["CartLineRequest"];
type Order = components["schemas"]["PlacedOrder"];
type TrufanError = components["schemas"]["Error"];
type Trufan = Client<paths>;

const server = process.argv[2] ?? "http://localhost:8000";

/** What the server answered. Throws the code and the words of a refusal. */
function answered<T>(result: { data?: T; error?: TrufanError; response: Response }): T {
  if (result.error) {
    throw new Error(`${result.response.status} ${result.error.error.code}: ${result.error.error.message}`);
  }
  if (result.data === undefined) {
    throw new Error(`${result.response.status} without a body`);
  }
  return result.data;
}

function first<T>(rows: readonly T[], what: string): T {
  const [row] = rows;
  if (row === undefined) {
    throw new Error(`There is no ${what}.`);
  }
  return row;
}

async function signIn(email: string, password: string): Promise<Trufan> {
  const nobody = createClient<paths>({ baseUrl: server });
  const { access_token } = answered(await nobody.POST("/api/v1/auth/login", { body: { email, password } }));
  return createClient<paths>({ baseUrl: server, headers: { Authorization: `Bearer ${access_token}` } });
}

async function buy(fan: Trufan, line: Line): Promise<Order> {
  const order = answered(
    await fan.POST("/api/v1/orders", {
      body: { items: [line] },
      params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    }),
  );
  const payment = answered(
    await fan.POST("/api/v1/orders/{id}/pay", {
      params: { path: { id: order.id } },
      body: { payment_method: "pm_card_visa" },
    }),
  );
  console.log(`payment ${payment.status}`);
  return order;
}

/** Something of the venue's shop that can be bought as it is. */
async function somethingToBuy(fan: Trufan, venue: string, search: string): Promise<Line> {
  const outlets = answered(
    await fan.GET("/api/v1/venues/{venue_id}/outlets", { params: { path: { venue_id: venue }, query: { search } } }),
  );
  const outlet = first(outlets.results, `outlet called ${search}`);
  const menu = answered(await fan.GET("/api/v1/outlets/{id}/menu", { params: { path: { id: outlet.id } } }));
  const products = menu.categories.flatMap((category) => category.products);
  const plain = products.filter((product) => product.is_available && product.option_groups.every((group) => !group.minimum));
  const variants = plain.flatMap((product) => product.variants).filter((variant) => variant.is_available);
  return { type: "product", id: first(variants, "product").id, quantity: 1 };
}

const fan = await signIn("customer1@example.com", "Customer123!");
const events = answered(
  await fan.GET("/api/v1/events", { params: { query: { search: "Friday Night Live", ordering: "-starts_at" } } }),
);
const event = first(events.results, "event");
const kinds = answered(
  await fan.GET("/api/v1/events/{event_id}/ticket-types", { params: { path: { event_id: event.id } } }),
);
const order = await buy(fan, { type: "ticket", id: first(kinds.results, "ticket type").id, quantity: 1 });

const tickets = answered(
  await fan.GET("/api/v1/orders/{order_id}/tickets", { params: { path: { order_id: order.id } } }),
);
const ticket = answered(
  await fan.GET("/api/v1/tickets/{id}", { params: { path: { id: first(tickets.results, "ticket").id } } }),
);
if (!ticket.code) {
  throw new Error("The ticket has no code.");
}
const picture = await fan.GET("/api/v1/tickets/{id}/qr.png", { params: { path: { id: ticket.id } }, parseAs: "blob" });
console.log(`picture of ${picture.data?.size ?? 0} bytes`);

const steward = await signIn("steward@trufan.com", "Steward123!");
const scan = answered(
  await steward.POST("/api/v1/checkin/scans", {
    body: { code: ticket.code, event: event.id, gate: "North", direction: "in", nonce: crypto.randomUUID() },
  }),
);
console.log(`scan ${scan.result}`);

const meal = await buy(fan, await somethingToBuy(fan, event.venue.id, "Fan Shop"));
const manager = await signIn("manager@trufan.com", "Manager123!");
const refund = answered(
  await manager.POST("/api/v1/orders/{order_id}/refunds", {
    params: { path: { order_id: meal.id }, header: { "Idempotency-Key": crypto.randomUUID() } },
    body: { reason: "It was cold" },
  }),
);
console.log(`refund ${refund.status} ${refund.amount} ${refund.currency}`);
