/** What the page asks the server, by the console's session. A server that can't be reached is no error of the page. */

/** There is no network, or a server that answers nothing of use. */
export class Unreachable extends Error {}

/** Signed out, or not on the staff any more. */
export class SignedOut extends Error {}

/** The server understood and refuses; the message is for the steward. */
export class Refused extends Error {}

/** A scan that is not answered in this time is decided here. */
const PATIENCE = 4000;
const LONG = 60_000;
/** After a failure so many milliseconds are not spent on trying: the queue of people is longer than that of scans. */
const REST = 10_000;

export class Server {
    /** @param {Object<string, string>} urls @param {string} token of the form, against forged requests */
    constructor(urls, token) {
        this.urls = urls;
        this.token = token;
        /** What to add to our clock to get the server's, in milliseconds. */
        this.ahead = 0;
        this.restsUntil = 0;
    }

    /** Whether asking would only make people wait. Whatever else is asked meanwhile finds out when that is over. */
    isDown() {
        return !navigator.onLine || Date.now() < this.restsUntil;
    }

    /** @returns {number} milliseconds since 1970 by the server's clock, as far as we know it */
    now() {
        return Date.now() + this.ahead;
    }

    /** @returns {Promise<?{bytes: Uint8Array, tag: string}>} null where nothing changed */
    async manifest(since, tag) {
        const query = since ? `?since=${encodeURIComponent(since)}` : "";
        const response = await this.ask(this.urls.manifest + query, tag ? {headers: {"If-None-Match": tag}} : {}, LONG);
        if (response.status === 304) {
            return null;
        }
        return {bytes: new Uint8Array(await body(response, "arrayBuffer")), tag: response.headers.get("ETag")};
    }

    async get(name) {
        return body(await this.ask(this.urls[name], {}, LONG), "json");
    }

    async post(name, said, patience = PATIENCE) {
        const headers = {"Content-Type": "application/json", "X-CSRFToken": this.token};
        return body(await this.ask(this.urls[name], {method: "POST", headers, body: JSON.stringify(said)}, patience), "json");
    }

    async ask(url, options, patience) {
        const asked = Date.now();
        let response;
        try {
            response = await fetch(url, {
                credentials: "same-origin", cache: "no-store", redirect: "manual", ...options,
                signal: AbortSignal.timeout(patience),
            });
        } catch (error) {
            this.restsUntil = Date.now() + REST;
            throw new Unreachable(error.message);
        }
        this.restsUntil = 0;
        this.correct(response, asked);
        if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) {
            throw new SignedOut(trufanSay("Sign in again to go on with the server."));
        }
        if (response.status >= 500 || response.status === 429) {
            throw new Unreachable(`The server says ${response.status}.`);
        }
        if (response.status >= 400) {
            const {error} = await body(response, "json");
            throw new Refused((error.details || []).map((each) => each.message).join(" ") || error.message);
        }
        return response;
    }

    /** `Date` counts whole seconds: within two of it, our clock is right. */
    correct(response, asked) {
        const said = Date.parse(response.headers.get("Date"));
        const differs = said + 500 - (asked + Date.now()) / 2;
        if (said && Math.abs(differs - this.ahead) > 2000) {
            this.ahead = Math.abs(differs) > 2000 ? differs : 0;
        }
    }
}

/** A body that breaks off is a network that did. */
async function body(response, kind) {
    try {
        return await response[kind]();
    } catch (error) {
        throw new Unreachable(error.message);
    }
}
