// SPDX-License-Identifier: AGPL-3.0-or-later
// Keeps a page up to date: the elements with `data-live` (and an id) are made as the server would show them now, when a
// live connection says that something has changed and, where there is none, every ten seconds.
//   data-live-client   address of socket.io's script; without it the page only asks again and again
//   data-live-ticket   where a ticket is asked for: the page of who waits, and of staff
//   data-live-doors    the page watches the doors, and may sleep while nobody looks
// Each time `live:refreshed` is dispatched on them.
import { morph } from './morph.js';

const ASK_EVERY_MS = 10_000;
const ASK_SOON_MS = 3_000;
/** Also with a connection: a door opens and closes by the clock, and nobody says so. */
const ASK_ANYWAY_MS = 60_000;
const TRY_AGAIN_MS = 15_000;
/** A network that swallows an answer: who waits asks again before they would count as gone. */
const ANSWER_WITHIN_MS = 7_000;
/** Five thousand who watch the doors do not come back in the same instant. */
const SPREAD_MS = 700;

/** The same for this tab after a reload, and no other tab's. */
export function seat() {
  const name = 'sportello-seat';
  try {
    const known = sessionStorage.getItem(name);
    if (known) return known;
    const made = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(36)).join('');
    sessionStorage.setItem(name, made);
    return made;
  } catch {
    return 'seat'; // a browser that keeps nothing
  }
}

/** @param {string} address where tickets are given @returns {Promise<string | null>} null when there is none for this page any more */
export async function ticketFrom(address) {
  const answer = await fetch(address, {
    method: 'POST',
    body: new URLSearchParams({ seat: seat() }),
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).ticket;
}

/**
 * A live connection, which connects itself again and again, each time with a new ticket.
 * @param {{ client: string, ticket?: string, doors?: boolean }} how
 * @returns {Promise<import('socket.io-client').Socket>}
 */
export async function connect({ client, ticket, doors }) {
  const { io } = await import(client);
  const auth = (say) => {
    if (doors) say({ doors: true });
    else
      ticketFrom(ticket).then(
        (given) => (given === null ? socket.disconnect() : say({ ticket: given })),
        () => say({}),
      );
  };
  const socket = io({ path: '/live', transports: ['websocket'], auth, reconnectionDelayMax: 10_000 });
  // Refused is not lost, and socket.io would not try again: the house may be full, or the ticket was late.
  socket.on('connect_error', () => {
    if (!socket.active) setTimeout(() => socket.connect(), TRY_AGAIN_MS);
  });
  return socket;
}

const regions = () => [...document.querySelectorAll('[data-live][id]')];

/** What the page says about how it is kept up to date. */
function settings() {
  const said = (name) => regions().find((region) => name in region.dataset)?.dataset[name];
  const doors = said('liveDoors') !== undefined;
  return { client: said('liveClient'), ticket: said('liveTicket'), doors: doors && !said('liveTicket') };
}

class LivePage {
  #socket;
  #connected;
  #asking;
  #askAgain = false;
  #isUnanswered = false;
  #timer;

  async start() {
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.ask());
    addEventListener('online', () => this.ask());
    addEventListener('online', () => this.ask());
    addEventListener('pageshow', ({ persisted }) => persisted && this.ask());
    this.#wait();
    await this.#connect();
  }

  /** Asks for the page again; twice at most when it is asked for many times meanwhile. */
  ask() {
    this.#askAgain = this.#asking !== undefined;
    this.#asking ??= this.#refresh().finally(() => {
      this.#asking = undefined;
      if (this.#askAgain) this.ask();
      else this.#wait();
    });
  }

  async #connect() {
    const { client, ticket, doors } = settings();
    const wanted = client && (ticket || doors) ? `${ticket} ${doors}` : undefined;
    if (wanted === this.#connected) return;
    this.#connected = wanted;
    this.#socket?.disconnect();
    this.#socket = undefined;
    if (!wanted) return;
    const socket = await connect({ client, ticket, doors }).catch(() => undefined);
    if (this.#connected !== wanted) {
      socket?.disconnect();
      return;
    }
    if (!socket) this.#connected = undefined; // its script did not come: the next time
    this.#socket = socket;
    socket?.on('connect', () => this.ask());
    socket?.on('disconnect', () => (doors ? this.#wait() : this.ask()));
    socket?.on('changed', () => setTimeout(() => this.ask(), doors ? Math.random() * SPREAD_MS : 0));
  }

  /** Who waits has half a minute to show it: where no answer came they ask again soon. */
  #wait() {
    clearTimeout(this.#timer);
    const often = this.#isUnanswered && !settings().doors ? ASK_SOON_MS : ASK_EVERY_MS;
    this.#timer = setTimeout(() => this.#due(), this.#socket?.connected ? ASK_ANYWAY_MS : often);
  }

  /** Who waits asks also while another page is before theirs: it is their sign of life. */
  #due() {
    if (document.visibilityState === 'hidden' && settings().doors) this.#wait();
    else this.ask();
  }

  async #refresh() {
    this.#isUnanswered = true;
    const page = await this.#read().catch(() => null); // no network: the next time
    if (!page) return;
    this.#isUnanswered = false;
    for (const region of regions()) {
      const wanted = page.getElementById(region.id);
      if (!wanted) return location.reload();
      morph(region, wanted);
      region.dispatchEvent(new CustomEvent('live:refreshed', { bubbles: true }));
    }
    await this.#connect();
  }

  async #read() {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const answer = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store', signal });
    const isElsewhere = new URL(answer.url).pathname !== location.pathname;
    if (isElsewhere) location.assign(answer.url);
    else if (answer.status === 404 || answer.status === 410) location.reload();
    if (isElsewhere || !answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), 'text/html');
  }
}

if (regions().length) {
  const page = new LivePage();
  void page.start();
}
