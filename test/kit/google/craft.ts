// SPDX-License-Identifier: AGPL-3.0-or-later
import { CalendarDoor } from '../../../src/courier/calendar-door.ts';
import { Courier } from '../../../src/courier/courier.ts';
import { EventCarrier } from '../../../src/courier/event-carrier.ts';
import { EventCourier } from '../../../src/courier/event-courier.ts';
import type { Report } from '../../../src/courier/report.ts';
import { AccessTokens } from '../../../src/google/access-tokens.ts';
import { Consent } from '../../../src/google/consent.ts';
import { GoogleCalendars } from '../../../src/google/google-calendars.ts';
import type { Link } from '../../../src/calendars/link.ts';
import { Sealed } from '../../../src/access/sealed.ts';
import type { GoogleSettings } from '../../../src/google/settings.ts';
import { FolderMailer } from '../../../src/mail/folder-mailer.ts';
import { LetterWriter } from '../../../src/mail/letter-writer.ts';
import type { Clock } from '../../../src/time/clock.ts';
import { SECRET } from '../app.ts';
import { SeededChance } from '../chance.ts';
import type { House } from '../desks.ts';
import { newFolder } from '../folder.ts';
import type { FakeGoogle } from '../google.ts';

/** What `config.google` would hold for this Google. */
export const settingsFor = ({ url, tokenUrl, authUrl, tokens }: FakeGoogle): GoogleSettings => ({
  apiUrl: url,
  tokenUrl,
  authUrl,
  serviceAccount: {
    email: tokens.serviceAccount.client_email,
    privateKey: tokens.serviceAccount.private_key,
    keyId: tokens.serviceAccount.private_key_id,
  },
  client: tokens.client,
});

/** The craft that speaks with this Google. */
export function craftFor(
  google: FakeGoogle,
  clock: Clock,
  rotated: (link: Link, sealedToken: string) => Promise<void> = () => Promise.resolve(),
  /** So that a test of silence is as quick as the others. */
  patience?: number,
) {
  const settings = { ...settingsFor(google), patience };
  const sealed = new Sealed(SECRET, new SeededChance('sealed'));
  const tokens = new AccessTokens(settings, sealed, clock, rotated);
  return {
    sealed,
    tokens,
    calendars: new GoogleCalendars(settings, tokens, clock),
    consent: new Consent(settings, tokens, sealed),
  };
}

/** A courier of the house who carries letters into a folder and events to this Google. */
export function courierTo(
  google: FakeGoogle,
  house: House,
  report: (event: string) => void = () => undefined,
  patience?: number,
) {
  const { registers, clock } = house;
  const craft = craftFor(
    google,
    clock,
    ({ counter }, token) => registers.calendarLinks.keepToken(counter, token),
    patience,
  );
  const door = new CalendarDoor(registers.calendarLinks);
  const carrier = new EventCarrier(registers, craft.calendars, door, 'http://localhost:3000');
  const mailDir = newFolder('google');
  const mailer = new FolderMailer(mailDir);
  const post = { writer: new LetterWriter(), mailer, tokens: house.tokens, publicUrl: 'http://localhost:3000' };
  const told: Report = (event, about) => report(`${event} ${about.error ?? ''}`.trim());
  const events = new EventCourier(registers, carrier, clock, new SeededChance('events'), told);
  const courier = new Courier(registers, post, clock, told, [events]);
  /** Carries all that is due. */
  const carry = async (): Promise<void> => {
    while ((await events.carry()) > 0);
  };
  return { ...craft, courier, carrier, carry, mailDir };
}
