/** The scanner page: what is seen or typed becomes a scan, and the answer fills the screen. */

import {watch} from "scanner/camera";
import {lasting, trust} from "scanner/codes";
import {Scans} from "scanner/scans";
import {Server, SignedOut, Unreachable} from "scanner/server";
import {signal, wake} from "scanner/signals";
import {EventStore, forgetOld, openStore} from "scanner/store";

/** How long an answer fills the screen, and how long a code must be out of sight to be scanned again. */
const SHOWN = {accepted: 1600, refused: 3500, undecided: 3500}, AWAY = 2500;
const LAST = 12;
const settings = JSON.parse(document.getElementById("settings").textContent);
const at = (id) => document.getElementById(id);
const server = new Server(settings.urls, document.querySelector("[name=csrfmiddlewaretoken]").value);
const PLACE = `trufan-place-${settings.event}`;
let scans = null, busy = 0, last = Promise.resolve(), hide = 0;
const sight = {code: "", until: 0};

/* -- Where the steward stands -- */

function place() {
    const direction = document.querySelector(".way[aria-pressed=true]").dataset.way;
    return {gate: at("gate").value.trim(), list: at("list").value, direction};
}

function turn(direction) {
    document.querySelectorAll(".way").forEach((each) => {
        each.setAttribute("aria-pressed", String(each.dataset.way === direction));
    });
}

function recall() {
    const {gate = "", list = "", direction = "in"} = JSON.parse(localStorage.getItem(PLACE) || "{}");
    at("gate").value = gate;
    at("list").value = [...at("list").options].some((each) => each.value === list) ? list : "";
    turn(direction);
}

/* -- What is said -- */

function show(answer) {
    const box = at("answer");
    box.className = `answer ${answer.result}`;
    at("answer-result").textContent = {accepted: trufanSay("Yes"), refused: trufanSay("No"), undecided: "?"}[answer.result];
    at("answer-words").textContent = answer.words;
    at("answer-more").textContent = answer.more;
    at("answer-how").textContent = answer.offline && answer.result !== "undecided" ? trufanSay("Decided on this phone") : "";
    box.hidden = false;
    at("heard").textContent = [at("answer-result").textContent, answer.words, answer.more].filter(Boolean).join(". ");
    signal(answer.result === "accepted" ? "accepted" : "refused");
    clearTimeout(hide);
    hide = setTimeout(() => { box.hidden = true; }, SHOWN[answer.result]);
    list(answer);
}

function list({result, words, more, offline}) {
    const row = document.createElement("li"), time = document.createElement("small");
    const clock = new Date(server.now()).toLocaleTimeString("en-GB", {timeZone: settings.time_zone});
    time.textContent = offline ? trufanSay("{time}, on this phone", {time: clock}) : clock;
    row.className = result;
    row.append(time, document.createElement("br"), [words, more].filter(Boolean).join(" "));
    at("last").prepend(row);
    [...at("last").children].slice(LAST).forEach((each) => each.remove());
}

function net(state, words) {
    at("net").className = `net ${state}`;
    at("net").textContent = words;
}

async function tellQueue() {
    const waiting = await scans.store.count();
    const words = [
        waiting ? trufanSayMany("{count} scan waits to be sent.", "{count} scans wait to be sent.", waiting) : "",
        scans.conflicts ? trufanSay("{count} of those sent should not have come in: see the door's page.", {count: scans.conflicts}) : "",
    ].filter(Boolean).join(" ");
    at("queue").dataset.waiting = String(waiting);
    at("queue").textContent = words;
    at("queue").hidden = !words;
}

async function tellTrouble(error) {
    if (error instanceof Unreachable) {
        const equipped = await scans.isEquipped();
        net("offline", equipped ? trufanSay("No connection: this phone decides") : trufanSay("No connection"));
    } else if (error instanceof SignedOut) {
        net("offline", error.message);
    } else {
        net("offline", trufanSay("Something went wrong"));
        throw error;
    }
}

/* -- Scanning -- */

/* One after another: what was typed waits its turn, what the camera sees is seen again. */
function take(work) {
    busy += 1;
    last = last.then(() => answerTo(work)).finally(() => { busy -= 1; });
}

async function answerTo(work) {
    try {
        const answer = await work();
        show(answer);
        if (answer.offline) {
            await tellTrouble(new Unreachable());
        } else {
            net("online", trufanSay("Connected"));
            tellCounts().catch(tellTrouble);
        }
    } catch (error) {
        show({result: "undecided", words: error instanceof Unreachable ? trufanSay("By number only with a connection.") : error.message, more: "", offline: false});
        await tellTrouble(error instanceof Unreachable || error instanceof SignedOut ? error : new Unreachable());
    } finally {
        await tellQueue();
    }
}

/* The camera sees a code many times a second: it counts anew after it was away, or the answer was touched. */
function saw(text) {
    const code = lasting(text), now = Date.now();
    const isSame = code === sight.code && now < sight.until;
    if (isSame) {
        sight.until = now + AWAY;
    } else if (!busy) {
        Object.assign(sight, {code, until: now + AWAY});
        take(() => scans.scan(text, place()));
    }
}

function typed(event) {
    event.preventDefault();
    const text = at("text").value.trim();
    if (text) {
        const isCode = /^TF[12]:/i.test(text);
        take(() => (isCode ? scans.scan(text, place()) : scans.admit(text, place())));
        at("text").value = "";
        at("text").blur();
    }
}

/* -- The server -- */

async function tellCounts() {
    const {arrived, sold, inside} = await server.get("counts");
    at("counts").textContent = trufanSay("{arrived} arrived of {sold}, {inside} inside", {arrived, sold, inside});
}

async function synchronize() {
    try {
        await scans.synchronize();
        await tellCounts();
        net("online", scans.keys === null ? trufanSay("Connected. This browser can't decide by itself") : trufanSay("Connected"));
    } catch (error) {
        await tellTrouble(error);
    } finally {
        await tellQueue();
    }
}

async function start() {
    recall();
    const database = await openStore();
    await forgetOld(database, server.now());
    scans = new Scans(settings, server, new EventStore(database, settings.event), await trust(settings.keys));
    document.querySelectorAll(".way").forEach((each) => each.addEventListener("click", () => turn(each.dataset.way)));
    document.addEventListener("change", () => localStorage.setItem(PLACE, JSON.stringify(place())));
    document.addEventListener("click", () => { wake(); localStorage.setItem(PLACE, JSON.stringify(place())); });
    at("by-hand").addEventListener("submit", typed);
    at("answer").addEventListener("click", () => { at("answer").hidden = true; sight.code = ""; });
    window.addEventListener("online", synchronize);
    window.addEventListener("offline", () => tellTrouble(new Unreachable()));
    setInterval(synchronize, settings.poll);
    watch(at("video"), settings.decoder, saw).then(() => { at("eye-said").hidden = true; }, (error) => {
        const reason = error.message.replace(/\.?$/, ".");
        at("eye-said").textContent = trufanSay("No camera: {error} Type the number or the code below.", {error: reason});
    });
    await synchronize();
    await navigator.serviceWorker?.register(settings.urls.worker);
    await navigator.storage?.persist?.();
}

start();
