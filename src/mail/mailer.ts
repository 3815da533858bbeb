// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Mail } from './letter.ts';

/** Whoever carries letters away. */
export abstract class Mailer {
  /** Where letters go, to be said: no password in it. */
  abstract readonly place: string;

  /**
   * Resolves when the letter is taken, after a minute at most. Sent twice it is one letter, known by its Message-ID.
   * @throws MailFailure
   */
  abstract send(mail: Mail): Promise<void>;

  abstract close(): Promise<void>;
}
