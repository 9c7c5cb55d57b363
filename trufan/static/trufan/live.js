/* The console's side of live updates (docs/live.md): hears that something changed, so that the page asks anew. Whatever
   goes wrong here costs time and nothing else: the page asks every few seconds while this is down. */
"use strict";

window.trufanLive = function (watch, ticket, onFact) {
    const wanted = watch.split(" ").filter(Boolean).map((each) => each.split(":"));
    const SLOWEST = 30000;
    let socket = null;
    let began = 0;
    let pause = 1000;

    function open() {
        socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1/`);
        began = 0;
        socket.onopen = () => say({type: "authenticate", ticket});
        socket.onmessage = (event) => hear(JSON.parse(event.data));
        socket.onclose = () => {
            socket = null;
            began = 0;
            setTimeout(open, pause * (0.5 + Math.random()));
            pause = Math.min(pause * 2, SLOWEST);
        };
    }

    function say(message) {
        if (socket && socket.readyState === WebSocket.OPEN) {
            socket.send(JSON.stringify(message));
        }
    }

    function hear(message) {
        if (message.type === "authenticated" && began === 0) {
            wanted.forEach(([topic, id]) => say({type: "subscribe", topic, id}));
        } else if (message.type === "subscribed") {
            began += 1;
            if (began === wanted.length) {
                pause = 1000;
                onFact(); /* what happened before somebody listened */
            }
        } else if (message.type === "unsubscribed") {
            began -= 1;
            onFact();
        } else if (message.type === "fact") {
            onFact();
        }
    }

    if (wanted.length) {
        open();
    }
    return {
        isUp: () => wanted.length > 0 && began === wanted.length,
        /* A ticket is good for a few minutes; each answer of the server brings the next. */
        renew(next) {
            if (next) {
                ticket = next;
                say({type: "authenticate", ticket});
            }
        },
    };
};
