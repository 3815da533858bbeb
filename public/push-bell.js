// SPDX-License-Identifier: AGPL-3.0-or-later
// Asks the browser to ring, through its push service, when the waiting room is closed.
const HERE = '/operatore/attesa';

const bytesOf = (base64url) =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
const base64urlOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** As the server names a browser: the hash of where it is reached. */
async function nameOf({ endpoint }) {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(endpoint));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The browser's own bell, rung by the server through the browser's push service. */
class PushBell {
  #button = document.querySelector('[data-push]');
  #refused = document.querySelector('[data-push-refused]');

  async start() {
    if (!isSecureContext || !('serviceWorker' in navigator) || !('PushManager' in window)) return;
    const registration = await navigator.serviceWorker.getRegistration('/operatore/');
    const subscription = await registration?.pushManager.getSubscription();
    const row = subscription && document.querySelector(`[data-browser="${await nameOf(subscription)}"]`);
    if (row && this.#isOurs(subscription)) this.#own(row, subscription);
    else this.#offer();
  }

  /** One made with another key cannot be reached any more. */
  #isOurs({ options }) {
    return base64urlOf(options.applicationServerKey) === this.#button.dataset.push;
  }

  #own(row, subscription) {
    row.querySelector('[data-here]').hidden = false;
    row.querySelector('form').addEventListener('submit', () => subscription.unsubscribe());
  }

  #offer() {
    this.#button.hidden = false;
    const refused = () => {
      this.#refused.hidden = false;
    };
    this.#button.addEventListener('click', () => void this.#subscribe().catch(refused));
  }

  async #subscribe() {
    await navigator.serviceWorker.register('/operatore/avvisi.js', { scope: '/operatore/' });
    const { pushManager } = await navigator.serviceWorker.ready;
    await (await pushManager.getSubscription())?.unsubscribe();
    const applicationServerKey = bytesOf(this.#button.dataset.push);
    const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
    const { endpoint, keys } = made.toJSON();
    const body = new URLSearchParams({ endpoint, ...keys });
    const answer = await fetch(`${HERE}/avvisi`, { method: 'POST', body });
    if (!answer.ok) throw new Error(String(answer.status));
    location.assign(answer.url);
  }
}

new PushBell().start().catch(() => undefined); // a browser that keeps nothing
