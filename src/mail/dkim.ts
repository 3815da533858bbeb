// SPDX-License-Identifier: AGPL-3.0-or-later
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { MailFailure } from './mail-failure.ts';

/** A key to sign letters with: RFC 6376, RSA. */
export interface DkimKey {
  readonly domainName: string;
  readonly keySelector: string;
  /** PEM. */
  readonly privateKey: string;
}

/** RFC 8301 3.2: verifiers need not take shorter ones. */
const FEWEST_BITS = 1024;

/**
 * Signs a sample: given a key it cannot use, nodemailer sends unsigned and says nothing.
 * @throws MailFailure configuration
 */
export async function verifyDkim(dkim: DkimKey): Promise<void> {
  const key = readKey(dkim.privateKey);
  if (key.asymmetricKeyType !== 'rsa') throw unusable(`the key is ${key.asymmetricKeyType}, only RSA signs`);
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < FEWEST_BITS) throw unusable('the key is too short');
  if (!(await signsSample(dkim))) throw unusable('a sample letter came out unsigned');
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw unusable('the key cannot be read');
  }
}

async function signsSample(dkim: DkimKey): Promise<boolean> {
  const transport = createTransport({ streamTransport: true, buffer: true, dkim });
  const address = `prova@${dkim.domainName}`;
  const { message } = await transport.sendMail({ from: address, to: address, subject: 'È firmata?', text: 'Sì.' });
  const [head = ''] = Buffer.isBuffer(message) ? message.toString().split('\r\n\r\n', 1) : [];
  return /^DKIM-Signature:/im.test(head);
}

const unusable = (why: string): MailFailure => new MailFailure('configuration', `DKIM: ${why}`);
