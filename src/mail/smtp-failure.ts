// SPDX-License-Identifier: AGPL-3.0-or-later
import type { NodemailerError } from 'nodemailer';
import { MailFailure, type MailFailureKind } from './mail-failure.ts';

/** Wrong password, no password, no or broken TLS. */
const SET_UP = ['EAUTH', 'ENOAUTH', 'EOAUTH2', 'ETLS', 'EREQUIRETLS', 'ECONFIG', 'EPROXY'];
/** RFC 4954: authentication is required, too weak, failed, or wants encryption. */
const WANTS_AUTHENTICATION = [530, 534, 535, 538];
/** The answer was to the sender, the recipient or the content, so it is about this letter. */
const ABOUT_THE_LETTER = ['EENVELOPE', 'EMESSAGE'];
/** "Shutting down" (421) and "bad sequence" (503) are about the session, whatever the command. */
const ABOUT_THE_SESSION = [421, 503];

/** The table of reference/integrations.md D. */
function kindOf({ code = '', responseCode, command }: NodemailerError): MailFailureKind {
  if (SET_UP.includes(code) || WANTS_AUTHENTICATION.includes(responseCode ?? 0)) return 'configuration';
  if (code === 'EENVELOPE' && command === 'API') return 'permanent';
  if (!responseCode || ABOUT_THE_SESSION.includes(responseCode)) return 'unreachable';
  if (!ABOUT_THE_LETTER.includes(code)) return responseCode >= 500 ? 'configuration' : 'unreachable';
  return responseCode >= 500 ? 'permanent' : 'refused';
}

/** What nodemailer threw, without what the server wrote: that repeats the citizen's address. */
export function failureOf(error: unknown): MailFailure {
  const told: NodemailerError = error instanceof Error ? error : new Error();
  const enhanced = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(told.response ?? '')?.[0];
  const detail = [told.code ?? 'unknown', told.responseCode, enhanced, told.command && `at ${told.command}`];
  return new MailFailure(kindOf(told), detail.filter(Boolean).join(' '));
}
