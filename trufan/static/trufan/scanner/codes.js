/** What a ticket's code claims, and whether the venue signed it (docs/door.md). */

import {fromBase32, fromBase64url, hex, joined} from "scanner/bytes";

const LENGTH = 168;

/**
 * What a code says; nothing of it is true before `verify`.
 * @param {string} given what the camera read
 * @returns {?{prefix: string, keyId: string, ticket: string, event: string, version: number, number: string,
 *     body: Uint8Array, signature: Uint8Array}} ids in hex without hyphens; null for what is no ticket's code
 */
export function read(given) {
    const all = given.trim().toUpperCase();
    const rotates = all.startsWith("TF2:");
    const text = rotates ? all.slice(0, LENGTH) : all;
    const number = rotates ? all.slice(LENGTH) : "";
    if (text.length !== LENGTH || !/^TF[12]:/.test(text) || !/^([0-9]{8})?$/.test(number) || rotates !== Boolean(number)) {
        return null;
    }
    const raw = fromBase32(text.slice(4));
    if (raw === null) {
        return null;
    }
    return {
        prefix: text.slice(0, 4), keyId: hex(raw.subarray(0, 4)), ticket: hex(raw.subarray(4, 20)),
        event: hex(raw.subarray(20, 36)), version: raw[36] << 8 | raw[37], number,
        body: raw.subarray(0, 38), signature: raw.subarray(38),
    };
}

/** What stays the same of a code while its number changes. */
export function lasting(given) {
    return given.trim().toUpperCase().slice(0, LENGTH);
}

/**
 * The venue's public keys, ready to verify with.
 * @param {{key_id: string, public_key: string}[]} listed as `GET /venues/{id}/ticket-keys` has them
 * @returns {Promise<?Object<string, CryptoKey>>} by key id; null where this browser cannot check signatures
 */
export async function trust(listed) {
    try {
        const keys = await Promise.all(listed.map((each) => (
            crypto.subtle.importKey("raw", fromBase64url(each.public_key), "Ed25519", false, ["verify"])
        )));
        return Object.fromEntries(listed.map((each, at) => [each.key_id, keys[at]]));
    } catch (error) {
        if (error.name === "NotSupportedError") {
            return null;
        }
        throw error;
    }
}

/** Whether one of the venue's keys signed the claim. @returns {Promise<boolean>} */
export async function verify(claim, keys) {
    const key = keys[claim.keyId];
    const said = joined(new TextEncoder().encode(claim.prefix), claim.body);
    return key !== undefined && crypto.subtle.verify("Ed25519", key, claim.signature, said);
}
