// SPDX-License-Identifier: AGPL-3.0-or-later
import { createECDH, ECDH, hkdfSync } from 'node:crypto';

const PURPOSE = 'sportello web push';
const CURVE = 'prime256v1';
/** Of P-256 (SEC 2, section 2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
/** 64 bits more than the order has: what is left of it is then as good as evenly spread (FIPS 186-5, A.2.1). */
const DRAWN_BYTES = 40;

/** Keys with which we say who we are to push services (RFC 8292), in base64url. */
export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Always the same for one secret, so that nobody has to make, keep and name a key. @param secret SESSION_SECRET */
export function vapidKeysOf(secret: string): VapidKeys {
  const drawn = Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, DRAWN_BYTES)).toString('hex');
  const scalar = (BigInt(`0x${drawn}`) % (ORDER - 1n)) + 1n;
  const pair = createECDH(CURVE);
  const privateKey = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
  pair.setPrivateKey(privateKey);
  return { publicKey: pair.getPublicKey('base64url'), privateKey: privateKey.toString('base64url') };
}

/** Whether a browser's public key is a point of the curve, written whole: nothing can be sealed for another. */
export function isPoint(key: string): boolean {
  const bytes = Buffer.from(key, 'base64url');
  if (bytes.length !== 65 || bytes[0] !== 4 || bytes.toString('base64url') !== key) return false;
  try {
    return ECDH.convertKey(key, CURVE, 'base64url', 'base64url', 'uncompressed') === key;
  } catch {
    return false;
  }
}
