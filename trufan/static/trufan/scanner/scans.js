/** One scan after another: asked of the server, or decided here and kept until the server can be told. */

import * as codes from "scanner/codes";
import {decide} from "scanner/deciding";
import * as manifest from "scanner/manifest";
import {Unreachable} from "scanner/server";

/** The most scans of one message. They are small, and a server takes 1000. */
const BATCH = 200;

export class Scans {
    /** @param {Object} settings @param {import("scanner/server").Server} server @param {Object} store of the event */
    constructor(settings, server, store, keys) {
        Object.assign(this, {settings, server, store, keys, tag: null, sending: null, renewing: null, conflicts: 0});
    }

    /** Whether this scanner can tell by itself: it has a manifest, and can check signatures. */
    async isEquipped() {
        return this.keys !== null && await this.store.header() !== undefined;
    }

    /**
     * @param {string} code @param {{gate: string, list: string, direction: string}} place
     * @returns {Promise<{result: string, words: string, more: string, offline: boolean}>} `result` is `accepted`,
     *     `refused`, or `undecided` where there is neither network nor manifest
     */
    async scan(code, place) {
        const at = this.server.now(), nonce = crypto.randomUUID();
        const said = {code, nonce, gate: place.gate, list: place.list || null, direction: place.direction};
        if (this.server.isDown() && await this.isEquipped()) {
            return this.decide(said, place, at);
        }
        try {
            const answer = await this.server.post("scans", {
                ...said, event: this.settings.event, scanned_at: new Date(at).toISOString(),
            });
            await this.remember(code, answer.result, place, at);
            return online(answer);
        } catch (error) {
            if (!(error instanceof Unreachable)) {
                throw error;
            }
            return this.decide(said, place, at);
        }
    }

    /** Let somebody in, or count them out, by the number of a ticket. Only the server knows numbers. */
    async admit(number, place) {
        const reason = trufanSay("By its number, at the scanner.");
        return online(await this.server.post("admissions", {
            number, event: this.settings.event, gate: place.gate, direction: place.direction, reason,
        }));
    }

    async decide(said, place, at) {
        if (!await this.isEquipped()) {
            return {result: "undecided", words: trufanSay("No connection, and no list of tickets on this phone yet."), more: "", offline: true};
        }
        const known = {
            header: await this.store.header(), keys: this.keys,
            rowOf: (ticket) => this.store.row(ticket), ownOf: (ticket) => this.store.own(ticket),
        };
        const {reason, ticket} = await decide(said.code, known, place, at);
        const result = reason ? "refused" : "accepted";
        const scan = {...said, scanned_at: new Date(at).toISOString(), decided: result, reason};
        await this.store.keep(ticket, reason ? null : standing(place, at, await this.before(ticket)), scan);
        return {...this.told(reason, place, known.header), result, offline: true};
    }

    async before(ticket) {
        const own = await this.store.own(ticket), row = await this.store.row(ticket);
        return own?.lastIn || (row?.used_at || 0) * 1000;
    }

    told(reason, place, header) {
        const {reasons, welcome, goodbye} = this.settings;
        const age = header.door.minimum_age;
        const more = !reason && place.direction === "in" && age ? trufanSay("Look at an ID: {age} or older.", {age}) : "";
        return {words: reason ? reasons[reason] : place.direction === "in" ? welcome : goodbye, more};
    }

    /** What the server let through stays so, also when the network goes before the next manifest comes. */
    async remember(code, result, place, at) {
        const claim = codes.read(code);
        if (result === "accepted" && claim) {
            await this.store.keep(claim.ticket, standing(place, at, await this.before(claim.ticket)));
        }
    }

    /** Tell what waits, oldest first, and take what changed. One at a time. */
    synchronize() {
        this.sending = this.sending || this.send().finally(() => { this.sending = null; });
        return this.sending;
    }

    async send() {
        for (;;) {
            const scans = await this.store.waiting(BATCH);
            if (!scans.length) {
                break;
            }
            const told = scans.map(({number, event, ticket, ...scan}) => scan);
            const device = deviceName(), device_clock = new Date(this.server.now()).toISOString();
            const answer = await this.server.post("sync", {device, device_clock, scans: told}, 60_000);
            this.conflicts += answer.conflicts;
            await this.store.sent(scans);
        }
        await this.renew();
    }

    async renew() {
        if (this.keys === null) {
            return;
        }
        const header = await this.store.header();
        const found = await this.server.manifest(header?.version, this.tag);
        if (found === null) {
            return;
        }
        const made = await manifest.open(found.bytes, this.keys);
        if (header && Date.parse(made.header.made_at) < Date.parse(header.made_at) && made.header.since !== null) {
            return;
        }
        await this.store.take(made);
        this.tag = found.tag;
    }
}

/** Where a scan that let somebody through puts the ticket. */
function standing({direction}, at, before) {
    const isIn = direction === "in";
    return {used: true, inside: isIn, lastIn: isIn ? at : before, at};
}

function online({result, message, check_age: age, ticket}) {
    const who = ticket ? [ticket.holder, ticket.ticket_type.name, ticket.seat].filter(Boolean).join(", ") : "";
    return {result, words: message, more: age ? trufanSay("Look at an ID: {age} or older.", {age}) : who, offline: false};
}

/** What this phone calls itself: the same from scan to scan, and nothing about who holds it. */
function deviceName() {
    const name = localStorage.getItem("trufan-device") || `phone-${crypto.randomUUID().slice(0, 8)}`;
    localStorage.setItem("trufan-device", name);
    return name;
}
