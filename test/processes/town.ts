// SPDX-License-Identifier: AGPL-3.0-or-later
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemChance } from '../../src/bookings/chance.ts';
import { Database } from '../../src/database/engine/database.ts';
import { Registers } from '../../src/database/registers.ts';
import { SystemClock } from '../../src/time/clock.ts';
import { AppProcess, EARLY } from '../kit/app.ts';
import { newFolder } from '../kit/folder.ts';
import { broken } from '../kit/invariants.ts';

/** A small town whose doors are open long, so that thousands may book. */
const townFile = (closes: string): string => `# SPDX-License-Identifier: AGPL-3.0-or-later
authority:
  id: borgo
  name: Comune di Borgo
  time_zone: Europe/Rome
  hosts: [localhost, 127.0.0.1]
  email: protocollo@borgo.example
municipalities:
  - { id: borgo, name: Borgo }
offices:
  - id: anagrafe
    name: Anagrafe
    municipality: borgo
    address: Piazza 1
    email: anagrafe@borgo.example
    slot_step: PT10M
    opening_hours: [{ days: [mon, tue, wed, thu, fri, sat], opens: '08:00', closes: '${closes}' }]
    services:
      - { id: carta, name: Carta d'identità, duration: PT10M, reminders: [] }
      - { id: residenza, name: Cambio di residenza, duration: PT10M, reminders: [] }
      - { id: sindaco, name: Il sindaco riceve, duration: PT10M, limits: { per_person: 1, per: P7D }, reminders: [] }
counters:
  - { id: uno, name: Sportello 1, serves: [{ office: anagrafe, services: [carta] }] }
  - { id: due, name: Sportello 2, serves: [{ office: anagrafe, services: [residenza] }] }
  - { id: tre, name: Sportello 3, serves: [{ office: anagrafe, services: [residenza] }] }
  - { id: quattro, name: Sportello 4, serves: [{ office: anagrafe, services: [residenza] }] }
  - { id: studio, name: Studio del sindaco, serves: [{ office: anagrafe, services: [sindaco] }] }
`;

/** One counter, three counters, and one appointment a week for each person. */
export type ServiceId = 'carta' | 'residenza' | 'sindaco';

/** @param closes when the doors close, every weekday. @returns the path of the authority file */
export function writeTown(closes = '20:00'): string {
  const path = join(newFolder('town'), 'borgo.yaml');
  writeFileSync(path, townFile(closes));
  return path;
}

/** The first morning: the town opens at eight. */
export const FIRST_DAY = '2027-03-01';
export const FIRST_SLOT = '2027-03-01T08:00:00+01:00';

export interface Town {
  /** One process a URL given, all of one database and one mail folder. */
  apps: AppProcess[];
  mailDir: string;
  env: Record<string, string>;
}

/** @param urls of one database; two URLs are two nodes of it, or the same twice. */
export async function startTown(urls: string[], env: Record<string, string> = {}): Promise<Town> {
  const mailDir = newFolder('mail');
  const common = { PUBLIC_URL: 'http://borgo.example', CLOCK_START: EARLY, MAIL_DIR: mailDir };
  const whole = { AUTHORITY_FILE: writeTown(), ...common, ...env };
  const apps = await Promise.all(urls.map((url) => AppProcess.start({ DATABASE_URL: url, ...whole })));
  return { apps, mailDir, env: whole };
}

export interface Wish {
  start: string;
  service?: ServiceId;
  email?: string;
  key?: string;
}

/** A request that can be repeated word for word. */
export interface Request {
  key: string;
  body: { start: string; citizen: { email: string } } & Record<string, unknown>;
}

let people = 0;

/** Of a person and with a key of its own, unless the wish says otherwise. */
export function requestFor({ start, service = 'carta', email, key }: Wish): Request {
  const citizen = {
    given_name: 'Ada',
    family_name: `Prova ${++people}`,
    email: email ?? `ada.${people}.${randomUUID().slice(0, 8)}@prova.example`,
  };
  const body = { office_id: 'anagrafe', service_id: service, start, mode: 'in_person', citizen };
  return { key: key ?? randomUUID(), body };
}

export interface BookingAnswer {
  status: number;
  body: {
    reference: string;
    start: string;
    counter: string;
    sequence: number;
    manage_token: string;
    /** Of a hold. */
    expires_at?: string;
    type?: string;
    alternatives?: { office_id: string; start: string }[];
  };
}

export const slugOf = ({ status, body }: BookingAnswer): string => `${status} ${body.type?.split('/').pop() ?? ''}`;

async function post(url: string, headers: Record<string, string>, body: object): Promise<BookingAnswer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as BookingAnswer['body'] };
}

export const book = (app: AppProcess, { key, body }: Request): Promise<BookingAnswer> =>
  post(`${app.url}/api/v1/bookings`, { 'idempotency-key': key }, body);

export const hold = (app: AppProcess, start: string): Promise<BookingAnswer> =>
  post(`${app.url}/api/v1/holds`, {}, { office_id: 'anagrafe', service_id: 'carta', start, mode: 'in_person' });

/** @param what `move` with a start, or `cancellation` */
export const change = (app: AppProcess, of: BookingAnswer, what: string, body = {}): Promise<BookingAnswer> =>
  post(
    `${app.url}/api/v1/bookings/${of.body.reference}/${what}`,
    { authorization: `Bearer ${of.body.manage_token}` },
    body,
  );

/** Starts `GET /slots` lists from the first day on. */
export async function slotsOf(app: AppProcess, service: ServiceId, through = '2027-05-28'): Promise<string[]> {
  const answer = await fetch(`${app.url}/api/v1/slots?service_id=${service}&from=${FIRST_DAY}&to=${through}`);
  const { items } = (await answer.json()) as { items: { start: string }[] };
  return items.map(({ start }) => start);
}

/** What the database itself says, asked beside the running processes. */
export async function inBooks<T>(url: string, ask: (database: Database) => Promise<T>): Promise<T> {
  const database = await Database.open(url, new SystemClock(), new SystemChance(), false);
  try {
    return await ask(database);
  } finally {
    await database.close();
  }
}

/** How the tables contradict themselves; nothing when all is well. To be asked when nobody is writing. */
export const contradictions = (url: string): Promise<string[]> =>
  inBooks(url, async (database) => {
    const registers = new Registers(database);
    const [authority] = await registers.authorities.all();
    return broken(registers, authority!, Date.parse(EARLY));
  });

/** Ends every lease, as two minutes of the database's time would. */
export const endLeases = (url: string): Promise<number> =>
  inBooks(url, (db) => db.run(`UPDATE outbox SET lease_until = 0 WHERE status = 'owed'`));

/** Waits until no letter is owed. @throws Error saying how many still are */
export async function untilAllSent(url: string, patience = 20_000): Promise<void> {
  await inBooks(url, async (db) => {
    for (const start = Date.now(); ;) {
      const [row] = await db.rows<{ owed: number }>(`SELECT COUNT(*) AS owed FROM outbox WHERE status <> 'sent'`);
      if (Number(row?.owed) === 0) return;
      if (Date.now() - start > patience) throw new Error(`${row?.owed} letters still owed after ${patience} ms`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
}
