// The till: asks the server what the choice comes to while it is being made. Without it a button of the page does so.
"use strict";

(() => {
    const form = document.getElementById("till-form");
    const total = document.getElementById("till-total");
    let asked = 0;
    let timer = 0;

    async function ask() {
        const mine = ++asked;
        const said = new FormData(form);
        said.set("preview", "1");
        const answer = await fetch(window.location.href, { method: "POST", body: said, redirect: "error" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const found = page.getElementById("till-total");
        if (mine === asked && found) total.replaceChildren(...found.childNodes);
    }

    function changed() {
        clearTimeout(timer);
        timer = setTimeout(() => ask().catch(() => { asked += 1; }), 250);
    }

    for (const button of form.querySelectorAll("[data-without-script]")) {
        button.hidden = true;
        button.disabled = true;
    }
    form.addEventListener("input", changed);
})();
