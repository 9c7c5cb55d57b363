/** Whether a ticket opens the door, as the server would say it, from the manifest and what this scanner did since. */

import * as codes from "scanner/codes";
import {isOfMoment} from "scanner/totp";

/** When a day of the door begins, by the venue's clock: who comes at one in the morning comes on the evening before. */
const DAY_BEGINS = 6 * 3600 * 1000;

/**
 * Why a code does not open this door; empty when it does.
 * @param {string} text what the camera read
 * @param {Object} known `header` and `keys`; `rowOf(ticket)` and `ownOf(ticket)` promise the manifest's row, and where
 *     scans that were not sent yet put it: `{used, inside, lastIn}`, or undefined
 * @param {{gate: string, list: string, direction: string}} place
 * @param {number} at milliseconds since 1970
 * @returns {Promise<{reason: string, ticket: string}>} `ticket` in hex, empty where the code is not believed
 */
export async function decide(text, known, place, at) {
    const claim = codes.read(text);
    if (claim === null) {
        return {reason: "unknown", ticket: ""};
    }
    if (!await codes.verify(claim, known.keys)) {
        return {reason: "forged", ticket: ""};
    }
    if (claim.event !== known.header.event.id.replaceAll("-", "")) {
        return {reason: "wrong_event", ticket: ""};
    }
    const stale = await whyStale(claim, known.header.rotation, at);
    const row = stale ? undefined : await known.rowOf(claim.ticket);
    if (row === undefined) {
        return {reason: stale || "unknown", ticket: ""};
    }
    const standing = standingOf(row, await known.ownOf(claim.ticket));
    const reason = place.direction === "out"
        ? whyNotOut(row, standing, claim.version)
        : whyNotIn(row, standing, claim.version, known.header, place, at);
    return {reason, ticket: claim.ticket};
}

async function whyStale(claim, rotation, at) {
    if (!rotation) {
        return "";
    }
    if (!claim.number) {
        return "code_not_rotating";
    }
    return await isOfMoment(claim, rotation, at) ? "" : "screenshot";
}

/** Where the ticket stands: what this scanner did itself goes before what the manifest says. */
export function standingOf(row, own) {
    return own || {used: row.status === "used", inside: row.flags.includes("inside"), lastIn: row.used_at * 1000};
}

/** Nobody is kept inside: only what tells nothing is refused. */
function whyNotOut(row, standing, version) {
    if (version !== row.code_version) {
        return "outdated_code";
    }
    return standing.inside ? "" : "not_inside";
}

function whyNotIn(row, standing, version, header, place, at) {
    const used = standing.used ? whyUsed(standing, header, at) : "";
    const gone = whyVoid(row, header);
    const outdated = version !== row.code_version ? "outdated_code" : "";
    const returning = row.flags.includes("returning") ? "refund_pending" : "";
    return gone || outdated || used || returning || outOfHours(header.event, at) || notHere(row, header, place)
        || outOfSlot(row, standing, header, at);
}

function whyVoid(row, {event}) {
    if (event.status === "cancelled") {
        return "event_cancelled";
    }
    if (row.flags.includes("frozen")) {
        return "disputed";
    }
    return row.status === "refunded" ? "refunded" : "";
}

function whyUsed({inside, lastIn}, {door, venue}, at) {
    if (door.once_per_day && dayOf(at, venue.time_zone) !== dayOf(lastIn, venue.time_zone)) {
        return "";
    }
    if (inside) {
        return "already_used";
    }
    return door.reentry ? "" : "no_reentry";
}

function outOfHours(event, at) {
    if (at < Date.parse(event.doors_at)) {
        return "not_yet";
    }
    return at > Date.parse(event.admits_until) || event.status === "completed" ? "too_late" : "";
}

function notHere(row, header, {gate, list}) {
    const chosen = list ? (header.lists || []).find((each) => each.id === list) : null;
    if (chosen === undefined) {
        return "not_on_list";
    }
    if (chosen) {
        if (chosen.ticket_types.length && !chosen.ticket_types.includes(row.ticket_type.id)) {
            return "not_on_list";
        }
        if (!opens(chosen.gates, gate)) {
            return "wrong_gate";
        }
    }
    return opens((header.gates || {})[row.ticket_type.id] || [], gate) ? "" : "wrong_gate";
}

function opens(names, gate) {
    return !names.length || names.some((name) => plain(name) === plain(gate));
}

function plain(name) {
    return name.trim().toLowerCase();
}

/** Of a ticket for a slot, the first entry lies within it; who came in time may come back later. */
function outOfSlot({slot}, standing, {door}, at) {
    if (!slot || standing.used) {
        return "";
    }
    const grace = (door.slot_grace_minutes || 0) * 60_000;
    const inTime = Date.parse(slot.starts_at) - grace <= at && at <= Date.parse(slot.ends_at) + grace;
    return inTime ? "" : "wrong_slot";
}

/** The day of the door on which a moment lies, such as 2026-07-03. */
export function dayOf(at, zone) {
    const parts = new Intl.DateTimeFormat("en-CA", {
        timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
        second: "2-digit", hourCycle: "h23",
    }).formatToParts(at);
    const of = Object.fromEntries(parts.map(({type, value}) => [type, Number(value)]));
    const local = Date.UTC(of.year, of.month - 1, of.day, of.hour, of.minute, of.second);
    return new Date(local - DAY_BEGINS).toISOString().slice(0, 10);
}
