// The refund screen: steps counts up and down, and asks the server what they come to while nothing was pressed yet.
// Without it the same page asks once more after its button.
"use strict";

(() => {
    const form = document.getElementById("refund-form");
    const figures = document.getElementById("refund-figures");
    const confirmed = form.elements.namedItem("confirmed");
    let asked = 0;
    let timer = 0;

    async function ask() {
        const mine = ++asked;
        const said = new FormData(form);
        said.delete("confirmed");
        said.set("preview", "1");
        // The reason is asked for when the money goes, not to reckon it.
        if (!said.get("reason")) said.set("reason", "-");
        const answer = await fetch(window.location.href, { method: "POST", body: said, redirect: "error" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const found = page.getElementById("refund-figures");
        if (mine !== asked || !found) return;
        figures.replaceChildren(...found.childNodes);
        confirmed.value = page.querySelector("#refund-form [name=confirmed]").value;
    }

    function changed() {
        // What was shown no longer holds: until the server has spoken, the button asks once more.
        confirmed.value = "";
        clearTimeout(timer);
        timer = setTimeout(() => ask().catch(() => { asked += 1; }), 200);
    }

    for (const button of form.querySelectorAll("[data-step]")) {
        button.hidden = false;
        button.addEventListener("click", () => {
            const field = button.parentElement.querySelector("input");
            const wanted = (Number(field.value) || 0) + Number(button.dataset.step);
            field.value = Math.min(Math.max(wanted, 0), Number(field.max));
            changed();
        });
    }
    for (const field of form.querySelectorAll(".refund-stepper input")) field.addEventListener("input", changed);
})();
