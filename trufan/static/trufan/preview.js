/* Shows what a tariff or a pricing configuration means while it is typed. Without it the same button opens a page. */
"use strict";

document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-preview]");
    if (!button) {
        return;
    }
    event.preventDefault();
    const panel = button.closest("[data-preview-of]").querySelector("[data-preview-shown]");
    const body = new FormData();
    body.set(button.name, button.value);
    for (const name of ["csrfmiddlewaretoken", "venue", button.value]) {
        const typed = button.form.elements[name];
        if (typed) {
            body.set(name, typed.value);
        }
    }
    button.disabled = true;
    try {
        const response = await fetch(button.formAction, {
            method: "POST", body, credentials: "same-origin", redirect: "manual", headers: {"X-Preview-Part": "1"},
        });
        if (!response.ok) {
            throw new Error(String(response.status));
        }
        panel.innerHTML = await response.text();
    } catch (error) {
        panel.textContent = trufanSay(
            "The preview could not be fetched. Load the page again, or save to see what is wrong.",
        );
    } finally {
        button.disabled = false;
    }
});
