/** What the phone keeps (IndexedDB): the manifest, ticket by ticket, and scans that wait to be sent. No personal data. */

const NAME = "trufan-scanner", VERSION = 1;
/** After so long past its last admission an event is forgotten, unless scans of it still wait. */
const KEPT = 12 * 3600 * 1000;
/** So far the server's clock and ours, which we correct by it, may be apart, in milliseconds. */
const CLOCKS = 2000;

/** @returns {Promise<IDBDatabase>} */
export function openStore() {
    return new Promise((resolve, reject) => {
        const asked = indexedDB.open(NAME, VERSION);
        asked.onupgradeneeded = () => {
            asked.result.createObjectStore("events", {keyPath: "event.id"});
            asked.result.createObjectStore("tickets", {keyPath: ["event", "id"]});
            const queue = asked.result.createObjectStore("queue", {keyPath: "number", autoIncrement: true});
            queue.createIndex("event", "event");
            asked.result.createObjectStore("own", {keyPath: ["event", "id"]});
        };
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
    });
}

function done(transaction) {
    return new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
}

function answered(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

function all(event) {
    return IDBKeyRange.bound([event], [event, []]);
}

/** One event's part of the store. */
export class EventStore {
    constructor(database, event) {
        this.database = database;
        this.event = event;
    }

    header() {
        return answered(this.database.transaction("events").objectStore("events").get(this.event));
    }

    row(ticket) {
        return answered(this.database.transaction("tickets").objectStore("tickets").get([this.event, ticket]));
    }

    own(ticket) {
        return answered(this.database.transaction("own").objectStore("own").get([this.event, ticket]));
    }

    /**
     * Take a manifest: everything anew, or what changed, put over what is there. All of it or nothing. It says where
     * tickets stand of which no scan waits, and which were not scanned here since it was made.
     */
    async take({header, rows}) {
        const transaction = this.database.transaction(["events", "tickets", "queue", "own"], "readwrite");
        const tickets = transaction.objectStore("tickets"), own = transaction.objectStore("own");
        const [mine, queued] = await Promise.all([
            answered(own.getAll(all(this.event))),
            answered(transaction.objectStore("queue").index("event").getAll(this.event)),
        ]);
        const waits = new Set(queued.map((scan) => scan.ticket));
        const told = new Set(rows.map((row) => row.id));
        mine.filter(({id, at}) => told.has(id) && !waits.has(id) && at + CLOCKS < Date.parse(header.made_at))
            .forEach(({id}) => own.delete([this.event, id]));
        if (header.since === null) {
            tickets.delete(all(this.event));
        }
        rows.forEach((row) => tickets.put({...row, event: this.event}));
        transaction.objectStore("events").put(header);
        await done(transaction);
    }

    /** Remember where a scan put its ticket: `{used, inside, lastIn, at}`; with `scan`, keep that until it is sent. */
    async keep(ticket, standing, scan = null) {
        const transaction = this.database.transaction(["queue", "own"], "readwrite");
        if (scan) {
            transaction.objectStore("queue").add({...scan, event: this.event, ticket});
        }
        if (ticket && standing) {
            transaction.objectStore("own").put({...standing, event: this.event, id: ticket});
        }
        await done(transaction);
    }

    waiting(most) {
        const queue = this.database.transaction("queue").objectStore("queue").index("event");
        return answered(queue.getAll(this.event, most));
    }

    count() {
        return answered(this.database.transaction("queue").objectStore("queue").index("event").count(this.event));
    }

    /** These were sent. Where their tickets stand the next manifest says. */
    async sent(scans) {
        const transaction = this.database.transaction("queue", "readwrite");
        scans.forEach((scan) => transaction.objectStore("queue").delete(scan.number));
        await done(transaction);
    }
}

/** Forget events that are long over: what opens a door is not left lying in a phone. */
export async function forgetOld(database, now) {
    const headers = await answered(database.transaction("events").objectStore("events").getAll());
    for (const {event} of headers) {
        const waits = await new EventStore(database, event.id).count();
        if (!waits && Date.parse(event.admits_until) + KEPT < now) {
            const transaction = database.transaction(["events", "tickets", "own"], "readwrite");
            transaction.objectStore("events").delete(event.id);
            transaction.objectStore("tickets").delete(all(event.id));
            transaction.objectStore("own").delete(all(event.id));
            await done(transaction);
        }
    }
}
