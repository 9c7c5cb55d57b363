/** The phone's camera, and the text of the QR code that it sees: by the browser's own detector where it has one. */

/** How often we look, and the longer side of the picture in which we look, in milliseconds and pixels. */
const EVERY = 120, SIDE = 800;

/** How far the picture is turned from look to look, in degrees: the library misreads one straight code in nine, and another turned. */
const TURNS = [0, 8, -8, 17];

/**
 * Start the camera at the back, and tell of every code that it sees, again and again while it sees it.
 * @param {HTMLVideoElement} video
 * @param {string} decoder address of the library for browsers without a detector
 * @param {function(string)} saw
 * @returns {Promise<void>} rejects where there is no camera, or it may not be used
 */
export async function watch(video, decoder, saw) {
    const size = {width: {ideal: 1280}, height: {ideal: 720}};
    video.srcObject = await navigator.mediaDevices.getUserMedia({video: {facingMode: "environment", ...size}, audio: false});
    await video.play();
    const look = await (await hasDetector() ? detector() : library(decoder));
    const round = async () => {
        try {
            const text = !document.hidden && video.readyState >= video.HAVE_CURRENT_DATA && await look(video);
            if (text) {
                saw(text);
            }
        } finally {
            setTimeout(round, EVERY);
        }
    };
    setTimeout(round, EVERY);
}

async function hasDetector() {
    return "BarcodeDetector" in window && (await window.BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

async function detector() {
    const eye = new window.BarcodeDetector({formats: ["qr_code"]});
    return async (video) => (await eye.detect(video))[0]?.rawValue;
}

async function library(address) {
    await load(address);
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", {willReadFrequently: true});
    const reader = new window.ZXing.QRCodeReader();
    let looks = 0;
    return async (video) => {
        const scale = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight));
        canvas.width = Math.round(video.videoWidth * scale);
        canvas.height = Math.round(video.videoHeight * scale);
        context.translate(canvas.width / 2, canvas.height / 2);
        context.rotate(TURNS[looks++ % TURNS.length] * Math.PI / 180);
        context.drawImage(video, -canvas.width / 2, -canvas.height / 2, canvas.width, canvas.height);
        return decoded(reader, context.getImageData(0, 0, canvas.width, canvas.height));
    };
}

/**
 * The text of the QR code in a picture; nothing where there is none that can be read.
 * @param {ImageData} picture
 */
export function decoded(reader, {data, width, height}) {
    const grey = new Uint8ClampedArray(width * height);
    for (let at = 0; at < grey.length; at += 1) {
        grey[at] = (data[4 * at] * 77 + data[4 * at + 1] * 151 + data[4 * at + 2] * 28) >> 8;
    }
    const {BinaryBitmap, HybridBinarizer, RGBLuminanceSource} = window.ZXing;
    try {
        return reader.decode(new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(grey, width, height)))).getText();
    } catch (error) {
        if (error instanceof window.ZXing.Exception) {
            return "";
        }
        throw error;
    }
}

function load(address) {
    return new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = address;
        script.onload = () => resolve();
        script.onerror = () => reject(new Error(trufanSay("The decoder could not be loaded.")));
        document.head.append(script);
    });
}
