/* A car's page: prints its paper ticket, and makes pictures small before they are sent, as a tablet's camera makes them
   larger than we take. Without it a ticket is printed from the browser's menu, and large pictures are refused. */
"use strict";

(function () {
    const SIDE = 1600;
    const QUALITY = 0.85;

    async function smaller(file) {
        const image = await createImageBitmap(file, {imageOrientation: "from-image"});
        const scale = Math.min(1, SIDE / Math.max(image.width, image.height));
        const canvas = document.createElement("canvas");
        canvas.width = Math.round(image.width * scale);
        canvas.height = Math.round(image.height * scale);
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
        return new File([blob], "picture.jpg", {type: "image/jpeg"});
    }

    async function send(form, button) {
        for (const input of form.querySelectorAll("input[type=file]")) {
            if (input.files.length) {
                try {
                    const box = new DataTransfer();
                    box.items.add(await smaller(input.files[0]));
                    input.files = box.files;
                } catch (error) {
                    /* No picture that a browser reads: the server says so. */
                    console.warn(error);
                }
            }
        }
        form.dataset.isSmall = "1";
        form.requestSubmit(button);
    }

    document.querySelectorAll("form[data-shrinks]").forEach((form) => {
        form.addEventListener("submit", (event) => {
            if (form.dataset.isSmall) {
                return;
            }
            event.preventDefault();
            form.classList.add("is-busy");
            send(form, event.submitter);
        });
    });
    document.querySelectorAll("[data-print]").forEach((button) => {
        button.hidden = false;
        button.addEventListener("click", () => window.print());
    });
})();
