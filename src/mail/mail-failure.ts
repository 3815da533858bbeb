// SPDX-License-Identifier: AGPL-3.0-or-later

/**
 * Why a letter did not leave, as far as it tells what to do next:
 * - `permanent`: this letter will never be taken, a person must look;
 * - `refused`: the server would not take this letter now; try again later, others may pass;
 * - `unreachable`: the server could not be reached or fell silent; try again later. It may have taken the letter;
 * - `configuration`: ours or the server's set-up is wrong; no letter will leave until someone mends it.
 */
export type MailFailureKind = 'permanent' | 'refused' | 'unreachable' | 'configuration';

/** Its message goes into the log, so it holds codes only: what a server answers repeats the address. */
export class MailFailure extends Error {
  constructor(
    readonly kind: MailFailureKind,
    detail: string,
  ) {
    super(`${kind}: ${detail}`);
  }
}
