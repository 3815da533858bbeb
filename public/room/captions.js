// SPDX-License-Identifier: AGPL-3.0-or-later
// Captions: the browser of who speaks writes down what it hears, and sends the words to who asked for them. Only
// where it does so on the device itself: nobody's voice goes to a third party. Elsewhere there is no button.

const LONGEST = 300;
const LANGUAGES = { it: 'it-IT', en: 'en-GB' };

/** Whether this device can write down what is said to it, by itself. */
export async function canCaption(language) {
  const Recognition = window.SpeechRecognition;
  if (!Recognition?.available) return false;
  const wish = { langs: [LANGUAGES[language]], processLocally: true };
  return (await Recognition.available(wish).catch(() => 'unavailable')) === 'available';
}

/** Writes down what we say while somebody wants to read it. */
export class Captioner {
  #recognition = null;

  constructor(language, send) {
    this.language = language;
    this.send = send;
  }

  want(isWanted) {
    if (isWanted === Boolean(this.#recognition)) return;
    if (isWanted) this.#start();
    else this.#stop();
  }

  #start() {
    const recognition = new window.SpeechRecognition();
    recognition.lang = LANGUAGES[this.language];
    recognition.processLocally = true;
    recognition.continuous = true;
    recognition.interimResults = true;
    recognition.addEventListener('result', ({ results }) => {
      const text = results[results.length - 1][0].transcript.trim();
      if (text) this.send(text.slice(-LONGEST));
    });
    // It ends by itself after a silence.
    recognition.addEventListener('end', () => this.#recognition === recognition && this.#begin(recognition));
    recognition.addEventListener('error', ({ error }) => error === 'not-allowed' && this.#stop());
    this.#recognition = recognition;
    this.#begin(recognition);
  }

  #begin(recognition) {
    try {
      recognition.start();
    } catch {
      this.#recognition = null;
    }
  }

  #stop() {
    const recognition = this.#recognition;
    this.#recognition = null;
    recognition?.stop();
  }
}
