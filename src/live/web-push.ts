// SPDX-License-Identifier: AGPL-3.0-or-later
import webPush from 'web-push';
import type { Millis } from '../time/clock.ts';
import { isPoint, vapidKeysOf, type VapidKeys } from './vapid.ts';

/**
 * The push services of the browsers there are. Where a browser says it is to be reached we go by ourselves, so it is
 * nobody's to send us elsewhere. A star stands for one name or more.
 */
const SERVICES = [
  'https://fcm.googleapis.com',
  'https://updates.push.services.mozilla.com',
  'https://*.notify.windows.com',
  'https://web.push.apple.com',
] as const;

const PATIENCE_MS: Millis = 8_000;
/** A knock of two minutes ago is no news. */
const KEPT_S = 120;
const LONGEST_ENDPOINT = 500;
const AUTH_BYTES = 16;

/** Where a browser is reached, with its public key and the secret it shares (RFC 8291), in base64url. */
export interface PushAddress {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

/** What is said, and by whom. */
export interface PushNotice {
  /** Shown by our service worker; as JSON, in at most 3 kB. */
  readonly payload: object;
  /** One that has not arrived yet gives way to the next about the same: at most 32 characters of base64url. */
  readonly topic: string;
  /** Whom the push service may write to: `mailto:…` (RFC 8292, section 2.1). */
  readonly subject: string;
}

/** `gone` when the browser is to be forgotten, `failed` for all that may be otherwise next time. */
export type PushOutcome = 'sent' | 'gone' | 'failed';

/** Tells browsers whose page is closed (RFC 8030), sealed so that the service between reads nothing (RFC 8291). */
export class WebPush {
  readonly #keys: VapidKeys;

  /** @param services where we may go: origins, with a star before their first dot */
  constructor(
    secret: string,
    private readonly services: readonly string[] = SERVICES,
    private readonly patience: Millis = PATIENCE_MS,
  ) {
    this.#keys = vapidKeysOf(secret);
  }

  /** With which browsers know that it is us; base64url. */
  get publicKey(): string {
    return this.#keys.publicKey;
  }

  /** Whether it is an address of a push service that we know, with keys that something can be sealed with. */
  accepts({ endpoint, p256dh, auth }: PushAddress): boolean {
    if (endpoint.length > LONGEST_ENDPOINT || !URL.canParse(endpoint)) return false;
    const { origin, username, password } = new URL(endpoint);
    if (username || password || !this.services.some((service) => isAt(origin, service))) return false;
    const secret = Buffer.from(auth, 'base64url');
    return secret.length === AUTH_BYTES && secret.toString('base64url') === auth && isPoint(p256dh);
  }

  /** Tries once. It never throws: who knocks has nothing to do with it. */
  async send(address: PushAddress, notice: PushNotice): Promise<PushOutcome> {
    if (!this.accepts(address)) return 'gone';
    try {
      return outcomeOf(await this.#post(address, notice));
    } catch {
      return 'failed';
    }
  }

  async #post({ endpoint, p256dh, auth }: PushAddress, { payload, topic, subject }: PushNotice): Promise<number> {
    const { headers, body } = webPush.generateRequestDetails(
      { endpoint, keys: { p256dh, auth } },
      JSON.stringify(payload),
      { vapidDetails: { subject, ...this.#keys }, TTL: KEPT_S, urgency: 'high', topic },
    );
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      body: new Uint8Array(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(this.patience),
    });
    await answer.body?.cancel();
    return answer.status;
  }
}

const isAt = (origin: string, service: string): boolean => {
  const [before, after] = service.split('*.');
  return after === undefined ? origin === service : origin.startsWith(before!) && origin.endsWith(`.${after}`);
};

/** 404 and 410: the browser has left, or was told to forget us (RFC 8030, section 7.3). */
function outcomeOf(status: number): PushOutcome {
  if (status >= 200 && status < 300) return 'sent';
  return status === 404 || status === 410 ? 'gone' : 'failed';
}
