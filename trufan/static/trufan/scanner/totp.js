/** The numbers of codes that rotate: TOTP (RFC 6238) under a secret that follows from the door's key (docs/door.md). */

import {fromHex, joined} from "scanner/bytes";

const HMAC = {name: "HMAC", hash: "SHA-256"};

/** A key that makes HMACs and, once in here, cannot be read any more, also not where it is stored. */
export function hmacKey(raw) {
    return crypto.subtle.importKey("raw", raw, HMAC, false, ["sign"]);
}

/** The secret of one version of one ticket. @returns {Promise<CryptoKey>} */
export async function secret(doorKey, ticket, version) {
    const said = joined(fromHex(ticket), new Uint8Array([version >> 8, version & 0xFF]));
    return hmacKey(await crypto.subtle.sign("HMAC", doorKey, said));
}

/** The number of a step, with its leading zeros. @returns {Promise<string>} */
export async function number(key, step, digits = 8) {
    const counter = new DataView(new ArrayBuffer(8));
    counter.setBigUint64(0, BigInt(step));
    const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
    const at = mac.getUint8(mac.byteLength - 1) & 0x0F;
    return String((mac.getUint32(at) & 0x7FFFFFFF) % 10 ** digits).padStart(digits, "0");
}

/**
 * Whether a claim's number is of this moment.
 * @param {Object} claim as `codes.read` has it
 * @param {{period: number, tolerance: number, digits: number, door_keys: Object<string, CryptoKey>}} rotation
 * @param {number} at milliseconds since 1970, by a corrected clock
 */
export async function isOfMoment(claim, rotation, at) {
    const doorKey = rotation.door_keys[claim.keyId];
    if (doorKey === undefined) {
        return false;
    }
    const key = await secret(doorKey, claim.ticket, claim.version);
    const step = Math.floor(at / 1000 / rotation.period);
    for (let each = step - rotation.tolerance; each <= step + rotation.tolerance; each += 1) {
        if (await number(key, each, rotation.digits) === claim.number) {
            return true;
        }
    }
    return false;
}
