// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Booking } from '../../src/bookings/booking.ts';
import { Tokens } from '../../src/bookings/token.ts';
import { Courier } from '../../src/courier/courier.ts';
import { EventCourier } from '../../src/courier/event-courier.ts';
import { AccessLog } from '../../src/database/staff/access-log.ts';
import { Database } from '../../src/database/engine/database.ts';
import { OutboxRow } from '../../src/database/rows.ts';
import { Sweeper } from '../../src/database/sweeper.ts';
import { CalendarLinksDesk } from '../../src/front-desk/calendar/links-desk.ts';
import { Forgetting } from '../../src/front-desk/forgetting.ts';
import { PostDesk } from '../../src/front-desk/post/post-desk.ts';
import { readMessage } from '../../src/mail/incoming/read-message.ts';
import { EARLY, startApp, type Answer, type RunningApp } from '../kit/app.ts';
import { ManualClock } from '../kit/clock.ts';
import { engines } from '../kit/engines.ts';
import { newFolder } from '../kit/folder.ts';
import { FakeGoogle } from '../kit/google.ts';
import { settingsFor } from '../kit/google/craft.ts';
import { signedIn } from '../kit/staff.ts';
import { AUTHSERV_ID, bounceWith, replyWith, wordsWith } from '../mail/messages.ts';

const CALENDAR = 'suap@comune.example';
const town = (keep: string): string => `
authority:
  id: comune
  name: Comune di Prova
  time_zone: Europe/Rome
  hosts: [localhost]
  email: posta@comune.example
  privacy: { controller: Comune di Prova, dpo: RPD, ${keep} }
municipalities: [{ id: prova, name: Prova }]
offices:
  - id: suap
    name: Sportello Imprese
    municipality: prova
    address: Via Roma 1
    slot_step: PT30M
    calendar_shows: name
    opening_hours: [{ days: [mon, tue, wed, thu, fri], opens: "09:00", closes: "13:00" }]
    services:
      - id: consulenza
        name: Consulenza
        duration: PT30M
        modes: [in_person, video]
        fields: [{ id: mappale, label: Mappale, type: text, required: false }]
        limits: { per_person: 9, per: P7D }
      - { id: sindaco, name: Colloquio, duration: PT30M, confirmation: staff }
counters:
  - { id: uno, name: Uno, serves: [{ office: suap, services: [consulenza, sindaco] }], google_calendar: ${CALENDAR} }
`;

/** In whatever the canary leaves behind, and nowhere else. */
const CANARY = 'zqkanari';
const EMAIL = `${CANARY}@example.org`;
/** Of staff. */
const CLERK = 'Wxclerka Prova';
const canary = (n: number) => ({
  given_name: `Anna${CANARY}`,
  family_name: `Rossi${CANARY}`,
  email: n % 2 ? `${CANARY}.${n}@example.org` : EMAIL,
  phone: '+39 0141 7654321',
});

describe.each(engines)('A person who leaves traces everywhere, on $name', (engine) => {
  const clock = new ManualClock(EARLY);
  let google: FakeGoogle;
  let running: RunningApp<ManualClock>;
  let url: string;
  let clerk: string;
  let kept: object[];

  beforeAll(async () => {
    google = await FakeGoogle.start(clock);
    google.addCalendar(CALENDAR);
    const authorityFile = join(newFolder('town'), 'town.yaml');
    writeFileSync(authorityFile, town('keep: P90D'));
    url = await engine.freshUrl();
    running = await startApp({ databaseUrl: url, clock, authorityFile, config: { google: settingsFor(google) } });
    clerk = await signedIn(running, { id: 'clerk', name: CLERK, role: 'head' });
  });
  afterAll(async () => {
    await running.close();
    await google.stop();
  });

  const database = () => running.app.get(Database);
  /** All that the tables say, and on SQLite every byte of the file and its journal. */
  async function dump(without: string[] = []): Promise<string> {
    const names =
      database().dialect === 'sqlite'
        ? `SELECT name FROM sqlite_master WHERE type = 'table'`
        : 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()';
    const tables = (await database().rows<{ name: string }>(names)).map(({ name }) => name);
    const rows = tables
      .filter((table) => !without.includes(table))
      .map(async (table) => `${table}: ${JSON.stringify(await database().rows(`SELECT * FROM ${table}`))}\n`);
    const file = url.replace('sqlite:', '');
    const files = without.length ? [] : [file, `${file}-wal`].filter((path) => existsSync(path));
    return [...(await Promise.all(rows)), ...files.map((path) => `file: ${readFileSync(path, 'latin1')}`)].join('');
  }
  /** Where a word is found. */
  const found = async (word: string): Promise<string[]> =>
    (await dump())
      .toLowerCase()
      .split('\n')
      .filter((line) => line.includes(word.toLowerCase()))
      .map((line) => line.slice(0, 40));
  const hash = new Tokens('a secret of the tests, thirty-two bytes and more').emailHash(EMAIL);

  const booked = async (n: number, start: string, serviceId = 'consulenza') => {
    const answer = await running.ask('/api/v1/bookings', {
      headers: { 'idempotency-key': `${n}` },
      body: {
        office_id: 'suap',
        service_id: serviceId,
        start,
        mode: 'in_person',
        citizen: canary(n),
        reason: `Per ${CANARY}`,
        case_number: `P-${CANARY}`,
        ...(serviceId === 'consulenza' ? { fields: { mappale: `F-${CANARY}` } } : {}),
      },
    });
    expect([answer.status, answer.text]).toEqual([201, expect.anything()]);
    return answer.json<{ reference: string; manage_token: string; manage_url: string }>();
  };
  const byReference = async (reference: string) =>
    (await database().reading.findOneBy(Booking, { authorityId: 'comune', reference }))!;
  const post = async (reference: string, act: string, form: Record<string, string>): Promise<number> => {
    const { version } = await byReference(reference);
    const body = new URLSearchParams({ versione: `${version}`, ...form });
    const path = `/operatore/appuntamenti/${reference}/${act}`;
    return (await running.ask(path, { headers: { cookie: clerk, 'sec-fetch-site': 'same-origin' }, body })).status;
  };
  const see = (path: string): Promise<Answer> => running.ask(path, { headers: { cookie: clerk } });
  const take = async (source: string) =>
    running.app.get(PostDesk).take(await readMessage(Buffer.from(source), AUTHSERV_ID));
  const sentTo = async (booking: Booking) =>
    (await database().reading.findOneBy(OutboxRow, { bookingId: booking.id, recipient: 'citizen', status: 'sent' }))!;
  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (let n = 0; n < 200 && !(await isSo()); n++) {
      clock.advance(1000);
      await running.app.get(CalendarLinksDesk).round();
      await running.app.get(EventCourier).carry();
      await running.app.get(Courier).carryOut();
      await wait(10);
    }
    expect(await isSo()).toBe(true);
  }
  const isCarried = async () =>
    (await database().rows(`SELECT id FROM outbox WHERE status = 'owed' AND due_at <= ?`, [clock.now()])).length === 0;
  const night = async (moment: string): Promise<void> => {
    clock.set(moment);
    await new Sweeper(database()).sweep(clock.now());
    while (await running.app.get(Forgetting).round());
  };
  const facts = async () =>
    database().rows(
      `SELECT reference, office_id, service_id, counter, starts_at, ends_at, status, sequence, mode FROM bookings ORDER BY id`,
    );
  const claims = () => database().rows('SELECT * FROM claims WHERE expires_at IS NULL ORDER BY counter, tick');

  test('is in the tables, in Google and in the register after a life of bookings', async () => {
    const refs = [
      await booked(0, '2027-03-10T09:00'),
      await booked(1, '2027-03-10T09:30'),
      await booked(2, '2027-03-10T10:00', 'sindaco'),
      await booked(3, '2027-03-10T10:30'),
      await booked(4, '2027-03-10T11:00'),
    ];
    const [moved, cancelled, pending, replied, bounced] = refs.map(({ reference }) => reference);
    const token = { authorization: `Bearer ${refs[0]!.manage_token}` };
    const start = '2027-03-11T09:00';
    expect((await running.ask(`/api/v1/bookings/${moved}/move`, { headers: token, body: { start } })).status).toBe(200);
    expect(await post(cancelled!, 'annulla', { motivo: `Scusi ${CANARY}`, nota: `Scusi ${CANARY}` })).toBe(303);
    expect(await post(pending!, 'conferma', { nota: `A presto ${CANARY}`, motivo: `A presto ${CANARY}` })).toBe(303);
    await until(isCarried);
    const [one, other] = [await byReference(replied!), await byReference(bounced!)];
    await take(replyWith({ bookingId: one.id, attendees: [`mailto:${one.email}`], from: one.email! }));
    const letter = await sentTo(other);
    const headers = [`In-Reply-To: <${letter.id}.confirmed@comune.example>`];
    expect(await take(wordsWith([`Ho una domanda, ${CANARY}.`], { from: EMAIL, headers }))).toBe('done');
    expect(await take(bounceWith({ recipient: EMAIL, letterId: letter.id }))).toBe('done');
    expect((await see(`/operatore/appuntamenti/${moved}`)).text).toContain(CANARY);
    expect((await see(`/operatore/cerca?q=Rossi${CANARY}`)).text).toContain(CANARY);
    await halfAForm();
    await until(async () => (await isCarried()) && JSON.stringify(google.events(CALENDAR)).includes(CANARY));
    for (const word of [CANARY, '7654321', hash, CLERK]) expect(await found(word)).not.toEqual([]);
    // What staff looked at is written down without it.
    expect((await found(CANARY)).filter((line) => line.startsWith('access_log'))).toEqual([]);
    kept = [...(await facts()), ...(await claims())];
  });

  /** The form of the pages, left before its end. */
  async function halfAForm(): Promise<void> {
    let cookie = '';
    const go = async (path: string, form?: Record<string, string>): Promise<void> => {
      const answer = await running.ask(path, {
        headers: { cookie, 'sec-fetch-site': 'same-origin' },
        ...(form ? { body: new URLSearchParams(form) } : {}),
      });
      const [set] = [answer.headers['set-cookie'] ?? []].flat();
      cookie = set ? String(set).split(';')[0]! : cookie;
    };
    const chosen = { servizio: 'consulenza', sede: 'suap', modo: 'in_person' };
    const page = await running.ask(`/prenota/data?${new URLSearchParams(chosen).toString()}`);
    const posto = /name="posto"[^>]*value="([^"]+)"/.exec(page.text)?.[1];
    await go('/prenota/orario', { ...chosen, posto: posto! });
    await go('/prenota/dettagli', { reason: `Per ${CANARY}` });
    await go('/prenota/richiedente', { given_name: `Anna${CANARY}`, family_name: CANARY, email: EMAIL });
    expect((await found(CANARY)).some((line) => line.startsWith('drafts'))).toBe(true);
  }

  test('is told for how long, in both languages', async () => {
    expect((await running.ask('/privacy')).text).toContain('restano per 90 giorni dopo');
    const english = await running.ask('/privacy', { headers: { 'accept-language': 'en' } });
    expect(english.text).toContain('stay for 90 days after');
  });

  test('is in no letter’s words after a week, and still known until the ninetieth day', async () => {
    await night('2027-03-20T02:00:00+01:00');
    expect((await dump()).match(new RegExp(`(Scusi|presto|domanda).{0,3}${CANARY}`))).not.toBeNull(); // the history
    const words = await database().rows<{ facts: string }>('SELECT facts FROM outbox');
    expect(words.filter(({ facts: said }) => said.includes(CANARY) || said.includes(CLERK))).toEqual([]);
    await night('2027-06-08T01:30:00+02:00');
    expect((await byReference((await first()).reference)).email).not.toBeNull();
  });

  const first = async () =>
    (await database().reading.find(Booking, { where: { status: 'confirmed' }, order: { start: 'DESC' }, take: 1 }))[0]!;

  test('is nowhere after a year: not in a table, not in a byte of the file, not in Google', async () => {
    const { reference } = await first();
    await night('2028-03-01T03:00:00+01:00');
    await until(isCarried);
    for (const word of [CANARY, '7654321', hash]) expect(await found(word)).toEqual([]);
    clerk = await signedIn(running, { name: 'Oggi', role: 'head' });
    expect(google.events(CALENDAR).length).toBeGreaterThan(0);
    expect(JSON.stringify(google.events(CALENDAR))).not.toContain(CANARY);
    const page = await see(`/operatore/appuntamenti/${reference}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('sono stati cancellati');
    expect(page.text).toContain('ha cancellato i dati del cittadino');
    expect((await see('/operatore/agenda?ufficio=suap&giorno=2027-03-11')).text).toContain(reference.slice(0, 3));
  });

  test('leaves what was where and when, and how it ended', async () => {
    expect([...(await facts()), ...(await claims())]).toEqual(kept);
    expect((await running.ask('/metrics')).text).toMatch(/^retention_rows_anonymised_total 5$/m);
    const log = running.app.get(AccessLog);
    expect(await log.verify('comune')).toMatchObject({ entries: expect.any(Number), first: expect.any(Number) });
    expect(await log.verify('comune')).not.toMatchObject({ first: 1 });
  });

  test('has no way back in: links are dead, and nobody changes what is nobody’s', async () => {
    const booking = await first();
    const tokens = new Tokens('a secret of the tests, thirty-two bytes and more');
    const manage = tokens.derive('manage', booking);
    for (const path of [`/appuntamento/${manage}`, `/incontro/${tokens.derive('meeting', booking)}`])
      expect((await running.ask(path)).status).toBe(404);
    const headers = { authorization: `Bearer ${manage}` };
    expect((await running.ask(`/api/v1/bookings/${booking.reference}`, { headers })).status).toBe(404);
    expect(await post(booking.reference, 'stato', { stato: 'done' })).toBe(404);
  });

  test('nor is anybody else after ten years, but who works there', async () => {
    await night('2037-03-01T03:00:00+01:00');
    await night('2037-03-02T03:00:00+01:00');
    const others = await dump(['staff']);
    for (const word of [CANARY, CLERK]) expect(others).not.toContain(word);
    expect(await running.app.get(AccessLog).verify('comune')).toHaveProperty('entries', 0);
  });
});
