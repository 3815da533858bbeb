// SPDX-License-Identifier: AGPL-3.0-or-later
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

/** As it was first called; another name would make what is kept unreadable. */
const PURPOSE = 'sportello calendar tokens';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals what others let us in with, before it is written down: AES-256-GCM under a key that is not in the database. */
export class Sealed {
  readonly #key: Uint8Array;

  /** @param secret SESSION_SECRET; the key is derived from it for this purpose alone (HKDF, RFC 5869). */
  constructor(
    secret: string,
    private readonly chance: { bytes(count: number): Uint8Array },
  ) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret, '', PURPOSE, 32));
  }

  seal(text: string): string {
    const nonce = this.chance.bytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** @returns null when it was sealed under another secret, or touched. */
  open(sealed: string): string | null {
    const bytes = Buffer.from(sealed, 'base64url');
    try {
      const decipher = createDecipheriv(CIPHER, this.#key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return null;
    }
  }
}
