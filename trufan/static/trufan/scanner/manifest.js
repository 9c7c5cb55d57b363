/** The event's manifest: bytes that the venue signed, opened into a header and rows (docs/door.md). */

import {fromBase64url, hex} from "scanner/bytes";
import {hmacKey} from "scanner/totp";

const SIGNATURE = 64, NONE = 0xFFFF;

/**
 * Throws for what this scanner must not believe: another format, a stranger's signature, a file cut short.
 * @param {Uint8Array} bytes
 * @param {Object<string, CryptoKey>} keys the venue's, by key id
 * @returns {Promise<{header: Object, rows: Object[]}>} the header's door keys can be used and not read
 */
export async function open(bytes, keys) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const text = new TextDecoder();
    if (bytes.length < 8 + SIGNATURE || text.decode(bytes.subarray(0, 4)) !== "TFM1") {
        throw new Error(trufanSay("This is no manifest."));
    }
    const end = bytes.length - SIGNATURE, from = 8 + view.getUint32(4);
    const header = JSON.parse(text.decode(bytes.subarray(8, from)));
    const key = keys[header.signed_by];
    if (header.format !== 1 || key === undefined) {
        throw new Error(trufanSay("This manifest is not for this scanner."));
    }
    if (!await crypto.subtle.verify("Ed25519", key, bytes.subarray(end), bytes.subarray(0, end))) {
        throw new Error(trufanSay("This manifest was changed on its way."));
    }
    const {count, row_bytes: width} = header.tickets;
    if (from + count * width !== end) {
        throw new Error(trufanSay("This manifest was cut short."));
    }
    const rows = [];
    for (let at = from; at < end; at += width) {
        rows.push(row(header.tickets, bytes.subarray(at, at + width)));
    }
    return {header: await sealed(header), rows};
}

function row({fields, statuses, flags, legends}, part) {
    const found = {};
    for (const {name, offset, bytes: width} of fields) {
        const digits = hex(part.subarray(offset, offset + width));
        found[name] = name === "id" ? digits : parseInt(digits, 16);
    }
    found.status = statuses[found.status];
    found.flags = Object.keys(flags).filter((name) => found.flags & flags[name]);
    for (const name of Object.keys(legends)) {
        found[name] = found[name] === NONE ? null : legends[name][found[name]];
    }
    return found;
}

async function sealed({tickets, rotation, ...header}) {
    if (!rotation) {
        return {...header, rotation: null};
    }
    const keys = Object.entries(rotation.door_keys).map(async ([id, raw]) => [id, await hmacKey(fromBase64url(raw))]);
    return {...header, rotation: {...rotation, door_keys: Object.fromEntries(await Promise.all(keys))}};
}
