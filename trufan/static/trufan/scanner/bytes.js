/** Bytes and the ways in which they are written: hex, base 32 (RFC 4648, upper case) and base64url, both without padding. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** @param {Uint8Array} bytes @returns {string} lower case */
export function hex(bytes) {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} text @returns {Uint8Array} */
export function fromHex(text) {
    return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
}

/** @param {string} text @returns {Uint8Array} */
export function fromBase64url(text) {
    return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
}

/** Null for what is no base 32, and for bits that are over and not zero: one statement has one text. */
export function fromBase32(text) {
    const bytes = new Uint8Array(Math.floor(text.length * 5 / 8));
    let held = 0, bits = 0, at = 0;
    for (const letter of text) {
        const value = ALPHABET.indexOf(letter);
        if (value < 0) {
            return null;
        }
        held = (held << 5 | value) & 0xFFF;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            bytes[at] = held >> bits & 0xFF;
            at += 1;
        }
    }
    return held & (1 << bits) - 1 ? null : bytes;
}

/** @param {...Uint8Array} parts @returns {Uint8Array} */
export function joined(...parts) {
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        all.set(part, at);
        at += part.length;
    }
    return all;
}
