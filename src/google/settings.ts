// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';

/** Where Google is and what it knows us by. */
export interface GoogleSettings {
  /** With a slash at the end. */
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly authUrl: string;
  readonly serviceAccount?: { readonly email: string; readonly privateKey: string; readonly keyId?: string };
  readonly client?: { readonly id: string; readonly secret: string };
  /** How long an answer may take; ten seconds if absent. */
  readonly patience?: Millis;
}

const PATIENCE_MS: Millis = 10_000;

/** For each request: the library would try again by itself, but neither what fails most nor as Google asks. */
export const requestOptions = ({ patience = PATIENCE_MS }: GoogleSettings) => ({
  retry: false,
  timeout: patience,
});

/** See and change events; nothing else of a calendar or of a person. */
export const SCOPE = 'https://www.googleapis.com/auth/calendar.events';
