/** What a steward hears and feels: high and short for yes, low and twice for no. */

const TONES = {
    accepted: {notes: [[1180, 0, 0.14]], vibration: [80]},
    refused: {notes: [[220, 0, 0.18], [180, 0.24, 0.3]], vibration: [200, 80, 200]},
};
let audio = null;

/** Browsers let a page make sounds once it was touched. */
export function wake() {
    audio = audio || new AudioContext();
    audio.resume();
}

/** @param {"accepted"|"refused"} result */
export function signal(result) {
    const {notes, vibration} = TONES[result];
    if (navigator.userActivation?.hasBeenActive) {
        navigator.vibrate?.(vibration);
    }
    if (audio?.state === "running") {
        notes.forEach(([pitch, from, length]) => beep(pitch, audio.currentTime + from, length));
    }
}

function beep(pitch, from, length) {
    const source = audio.createOscillator(), volume = audio.createGain();
    source.type = "square";
    source.frequency.value = pitch;
    volume.gain.setValueAtTime(0.25, from);
    volume.gain.exponentialRampToValueAtTime(0.001, from + length);
    source.connect(volume).connect(audio.destination);
    source.start(from);
    source.stop(from + length);
}
