// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mayDo, type Action } from '../../../src/access/permissions.ts';
import type { Staff } from '../../../src/access/staff.ts';
import { Authorities } from '../../../src/database/authorities.ts';
import { Database } from '../../../src/database/engine/database.ts';
import { Feed, Question } from '../../../src/database/rows.ts';
import { importAuthority } from '../../../src/front-desk/import-authority.ts';
import { ROLES, type Role } from '../../../src/offices/definition.ts';
import { Arrival, newArrival } from '../../../src/waiting-room/arrival.ts';
import { startApp, type Answer, type RunningApp } from '../../kit/app.ts';
import { engines } from '../../kit/engines.ts';
import { newFolder } from '../../kit/folder.ts';
import { employ, signedIn } from '../../kit/staff.ts';

/**
 * Every page of the staff, taken from the router, for every role, at their own office, another, another authority's and
 * none: whoever may not is told exactly what is told of what is not there, sees nothing of it and changes nothing.
 */

/** Ids of one length: an answer then differs in nothing but the id. `nada` is nowhere. */
const PLACES = ['alfa', 'beta', 'gama', 'nada'] as const;
type Place = (typeof PLACES)[number];

const office = (place: Place, of: string): string => `
  - id: ${place}
    name: Ufficio ${place}
    municipality: ${of}
    address: Via Roma 1
    slot_step: PT30M
    opening_hours: [{ days: [mon, tue, wed, thu, fri], opens: "09:00", closes: "17:00" }]
    services: [{ id: s-${place}, name: Servizio ${place}, duration: PT30M, confirmation: staff }]`;
/** Whose counters they all are: an operator at `alfa`, so the others are no affair of theirs. */
const OWNER = 'geometra@here.example';
const counter = (place: Place): string =>
  `\n  - { id: c-${place}, name: Sportello ${place}, staff: ${OWNER}, serves: [{ office: ${place}, services: [s-${place}] }] }`;
const authorityOf = (id: string, host: string, places: Place[]): string => `
authority: { id: ${id}, name: Comune ${id}, time_zone: Europe/Rome, hosts: [${host}], email: posta@${id}.example, public_url: "http://${host}" }
municipalities: [{ id: ${id}, name: ${id} }]
offices:${places.map((place) => office(place, id)).join('')}
counters:${places.map(counter).join('')}
`;
const HERE = 'localhost';
const ELSEWHERE = 'altrove.example';

/** What stands in an address, at each place. */
interface Target {
  readonly place: Place;
  readonly reference: string;
  readonly form: string;
  readonly draft: string;
  readonly question: string;
  readonly feed: string;
}

/** Where somebody must be allowed to: at the target's office, in its authority, anywhere; or only who made it may. */
type Where = 'office' | 'authority' | 'anywhere' | 'maker';

interface Rule {
  readonly may: Action;
  readonly where: Where;
  /** What `:id` is. */
  readonly id?: 'a' | 'c' | 'p' | 's';
  /** After the path, or in the form. */
  readonly asked?: (target: Target) => Record<string, string>;
  /** In the form, whatever it is about. */
  readonly said?: Record<string, string>;
  /** To everyone, for no counter here has what it leads to. */
  readonly shut?: boolean;
  /** What the owner of a counter may do there instead. */
  readonly own?: Action;
  /** What is done there can be done once. */
  readonly once?: boolean;
}

const rule = (may: Action, where: Where, more: Partial<Rule> = {}): Rule => ({ may, where, ...more });
const ofBooking = rule('change-bookings', 'office');
const ofPerson = rule('manage-staff', 'authority', { id: 'p' });
const halfFilled = rule('change-bookings', 'maker');
const ofCounter = rule('link-calendars', 'office', { own: 'link-own-calendar' });
const ofArrival = rule('receive', 'office', { id: 'a' });
const ofService = rule('edit-hours', 'office', { id: 's' });

/** Who may do what at each door. A door that is missing here fails the first test. */
const DOORS: Record<string, Rule | 'everyone' | 'signed-in'> = {
  'GET /operatore': 'signed-in',
  'GET /operatore/accesso': 'everyone',
  'POST /operatore/accesso': 'everyone',
  'POST /operatore/uscita': 'everyone',
  'GET /operatore/oidc': 'everyone',
  'GET /operatore/oidc/ritorno': 'everyone',
  'GET /operatore/password': 'signed-in',
  'POST /operatore/password': 'signed-in',
  'POST /operatore/password/altrove': 'signed-in',
  'GET /operatore/persone': rule('manage-staff', 'anywhere'),
  'POST /operatore/persone': rule('manage-staff', 'anywhere'),
  'GET /operatore/persone/:id': ofPerson,
  'POST /operatore/persone/:id/ruolo': ofPerson,
  'POST /operatore/persone/:id/blocca': ofPerson,
  'POST /operatore/persone/:id/sblocca': ofPerson,
  'POST /operatore/persone/:id/password': ofPerson,
  'GET /operatore/registro': rule('read-access-log', 'anywhere'),
  'GET /operatore/registro/csv': rule('read-access-log', 'anywhere'),
  'GET /operatore/agenda': rule('see-agenda', 'office', {
    asked: ({ place }) => ({ ufficio: place, giorno: '2027-03-03' }),
  }),
  'GET /operatore/cerca': rule('see-agenda', 'office', { asked: ({ reference }) => ({ q: reference }) }),
  'GET /operatore/attesa': rule('receive', 'anywhere'),
  'POST /operatore/attesa/porta': rule('receive', 'office', {
    asked: ({ place }) => ({ ufficio: place, riprendi: '1' }),
  }),
  'POST /operatore/attesa/biglietto': rule('receive', 'anywhere', { said: { seat: 'seat' } }),
  'POST /operatore/attesa/avvisi': rule('receive', 'anywhere'),
  'POST /operatore/attesa/avvisi/togli': rule('receive', 'anywhere'),
  'GET /operatore/avvisi.js': 'everyone',
  'GET /operatore/attesa/:id/stanza': ofArrival,
  'POST /operatore/attesa/:id/biglietto': { ...ofArrival, said: { seat: 'seat' } },
  'POST /operatore/attesa/:id/apri': ofArrival,
  'POST /operatore/attesa/:id/sospendi': ofArrival,
  'POST /operatore/attesa/:id/richiama': ofArrival,
  'POST /operatore/attesa/:id/passa': { ...ofArrival, said: { ufficio: 'beta' } },
  'POST /operatore/attesa/:id/scrivi': { ...ofArrival, said: { riga: 'Arrivo' } },
  'POST /operatore/attesa/:id/chiudi': ofArrival,
  'POST /operatore/attesa/:id/stanza-nostra': ofArrival,
  'GET /operatore/decisioni': rule('see-agenda', 'anywhere'),
  'GET /operatore/appuntamenti/:reference': rule('see-agenda', 'office'),
  'POST /operatore/appuntamenti/:reference/conferma': ofBooking,
  'POST /operatore/appuntamenti/:reference/rifiuta': ofBooking,
  'POST /operatore/appuntamenti/:reference/annulla': ofBooking,
  'POST /operatore/appuntamenti/:reference/stato': { ...ofBooking, asked: () => ({ stato: 'arrived', versione: '0' }) },
  'POST /operatore/appuntamenti/:reference/sportello': ofBooking,
  'GET /operatore/appuntamenti/:reference/sposta': ofBooking,
  'POST /operatore/appuntamenti/:reference/sposta': ofBooking,
  'GET /operatore/appuntamenti/:reference/foglio': ofBooking,
  'GET /operatore/nuovo': rule('change-bookings', 'office', {
    asked: ({ place }) => ({ ufficio: place, servizio: `s-${place}` }),
  }),
  'POST /operatore/nuovo/orario': rule('change-bookings', 'office', {
    asked: ({ place }) => ({ ufficio: place, servizio: `s-${place}`, data: '2027-03-04', ora: '10:00' }),
  }),
  'GET /operatore/nuovo/:form': halfFilled,
  'POST /operatore/nuovo/:form': halfFilled,
  'POST /operatore/nuovo/:form/tieni': halfFilled,
  'GET /operatore/orari': rule('edit-hours', 'anywhere'),
  'GET /operatore/orari/uffici/:office': rule('edit-hours', 'office'),
  'POST /operatore/orari/uffici/:office': rule('edit-hours', 'office'),
  'GET /operatore/orari/uffici/:office/servizi/:id': ofService,
  'POST /operatore/orari/uffici/:office/servizi/:id': ofService,
  'GET /operatore/orari/sportelli/:id': rule('edit-hours', 'office', { id: 'c' }),
  'POST /operatore/orari/sportelli/:id': rule('edit-hours', 'office', { id: 'c' }),
  'GET /operatore/orari/ente': rule('edit-authority', 'anywhere'),
  'POST /operatore/orari/ente': rule('edit-authority', 'anywhere'),
  'GET /operatore/orari/chiudi': rule('edit-hours', 'anywhere'),
  'POST /operatore/orari/chiudi': rule('edit-hours', 'anywhere'),
  'GET /operatore/orari/anteprima/:draft': rule('edit-hours', 'maker'),
  'POST /operatore/orari/anteprima/:draft': rule('edit-hours', 'maker'),
  'GET /operatore/ente.yaml': rule('edit-authority', 'anywhere'),
  'POST /operatore/decisioni/:question': ofBooking,
  'GET /operatore/calendari': rule('link-calendars', 'anywhere', { own: 'link-own-calendar' }),
  'GET /operatore/calendari/ritorno': 'signed-in',
  'GET /operatore/calendari/:counter': ofCounter,
  'POST /operatore/calendari/:counter': ofCounter,
  'GET /operatore/calendari/:counter/google': { ...ofCounter, shut: true },
  'POST /operatore/calendari/:counter/sincronizza': ofCounter,
  'POST /operatore/calendari/:counter/riprendi': ofCounter,
  'POST /operatore/calendari/:counter/scollega': ofCounter,
  'POST /operatore/calendari/:counter/indirizzi': ofCounter,
  'POST /operatore/calendari/:counter/indirizzi/:feed/revoca': { ...ofCounter, once: true },
};

const ruled = Object.entries(DOORS).filter((door): door is [string, Rule] => typeof door[1] !== 'string');

/** Everyone who has something here; the owner is an operator whose counters they are. */
const STAFF = [...ROLES, 'owner'] as const;
type Member = (typeof STAFF)[number];

/** Everyone who may knock; the stranger is an administrator of the other authority. */
const CALLERS = ['nobody', 'stranger', ...STAFF] as const;
type Caller = (typeof CALLERS)[number];

let app: RunningApp;
const targets = {} as Record<Place, Target>;
const cookies = {} as Record<Caller, string>;

beforeAll(async () => {
  const file = join(newFolder('everyone'), 'here.yaml');
  writeFileSync(file, authorityOf('here', HERE, ['alfa', 'beta']));
  app = await startApp({ databaseUrl: await engines[0]!.freshUrl(), authorityFile: file });
  await importAuthority(app.app.get(Authorities), authorityOf('there', ELSEWHERE, ['gama']));
  for (const role of ROLES) cookies[role] = await signedIn(app, ofAlfa(role));
  cookies.owner = await signedIn(app, { ...ofAlfa('owner'), email: OWNER });
  cookies.nobody = '';
  cookies.stranger = await signedIn(app, { authorityId: 'there', role: 'administrator', offices: [] });
  for (const place of PLACES) targets[place] = await settle(place);
});
afterAll(() => app.close());

const roleOf = (member: Member): Role => (member === 'owner' ? 'operator' : member);

const ofAlfa = (member: Member): Pick<Staff, 'authorityId' | 'role' | 'offices'> => ({
  authorityId: 'here',
  role: roleOf(member),
  offices: member === 'administrator' || member === 'privacy' ? [] : ['alfa'],
});

/** A booking that waits for an answer, somebody, and two forms half filled in; at `nada` only what they would be called. */
async function settle(place: Place): Promise<Target> {
  if (place === 'nada')
    return {
      place,
      reference: 'ZZZZZZZ',
      form: 'z'.repeat(43),
      draft: 'z'.repeat(32),
      question: idOf('question', place),
      feed: idOf('feed', place),
    };
  const host = place === 'gama' ? ELSEWHERE : HERE;
  const authorityId = place === 'gama' ? 'there' : 'here';
  await employ(app, { id: `p-${place}`, name: `Canarina ${place}`, authorityId, offices: [place] });
  const cookie = await signedIn(app, { authorityId, role: 'administrator', offices: [] });
  const post = (path: string, fields: Record<string, string>) =>
    app.ask(path, { headers: { host, cookie }, body: new URLSearchParams(fields) });
  const when = { data: '2027-03-04', ora: '10:00' };
  const begun = await post('/operatore/nuovo/orario', { ufficio: place, servizio: `s-${place}`, ...when });
  const closing = await post('/operatore/orari/chiudi', {});
  const reference = await book(place, host);
  await arrive(place, authorityId);
  return {
    place,
    reference,
    question: await ask(place, authorityId, reference),
    feed: await feed(place, authorityId),
    form: lastOf(begun, /^\/operatore\/nuovo\/([\w-]{43})$/),
    draft: lastOf(closing, /([\w-]{32})(?:#.*)?$/),
  };
}

async function book(place: Place, host: string): Promise<string> {
  const booked = await app.ask('/api/v1/bookings', {
    headers: { host, 'idempotency-key': place },
    body: {
      office_id: place,
      service_id: `s-${place}`,
      start: '2027-03-03T09:00:00+01:00',
      mode: 'in_person',
      citizen: { given_name: 'Ada', family_name: `Canarino-${place}`, email: `ada@${place}.example` },
    },
  });
  return booked.json<{ reference: string }>().reference;
}

const idOf = (kind: 'question' | 'feed', place: Place): string => `a-${kind}-at-${place}`;

/** What staff must decide about a booking. */
async function ask(place: Place, authorityId: string, reference: string): Promise<string> {
  const database = app.app.get(Database);
  const [booking] = await database.rows<{ id: string }>('SELECT id FROM bookings WHERE reference = ?', [reference]);
  const asked = { authorityId, officeId: place, bookingId: booking!.id, kind: 'deleted-event', detail: {}, askedAt: 0 };
  const question = { ...asked, id: idOf('question', place), answeredAt: null, answer: null };
  await database.transaction((tx) => tx.insert(Question, [question]));
  return question.id;
}

/** Somebody who was let in by a colleague. */
async function arrive(place: Place, authorityId: string): Promise<void> {
  const who = { id: `a-${place}`, authorityId, officeId: place, kind: 'knock', tokenHash: place, due: null } as const;
  const said = { name: `Canarino-${place}`, reason: null, phone: null, language: 'it', arrivedAt: 0 } as const;
  const called = { status: 'called', staffId: 'x', staffName: 'Collega', calledAt: 0, ringAt: null } as const;
  const arrival = new Arrival({ ...newArrival({ ...who, ...said }), ...called });
  await app.app.get(Database).transaction((tx) => tx.insert(Arrival, [arrival]));
}

/** An address under which another calendar reads a counter's appointments. */
async function feed(place: Place, authorityId: string): Promise<string> {
  const authority = await app.app.get(Authorities).find(authorityId);
  const { key } = authority!.counters.find(({ id }) => id === `c-${place}`)!;
  const row = { id: idOf('feed', place), authorityId, counter: key, tokenHash: place, createdBy: 'x', createdAt: 0 };
  await app.app.get(Database).transaction((tx) => tx.insert(Feed, [{ ...row, revokedAt: null }]));
  return row.id;
}

function lastOf({ headers, status }: Answer, shape: RegExp): string {
  const found = shape.exec(String(headers['location']));
  if (!found) throw new Error(`${status} ${String(headers['location'])} is not ${String(shape)}`);
  return found[1]!;
}

/** Knocks at a door of ours, about something. */
function knock(door: string, { id, asked, said: always }: Rule, caller: Caller, target: Target): Promise<Answer> {
  const [method = '', shape = ''] = door.split(' ');
  const { place, reference, form, draft, question, feed: ofFeed } = target;
  const path = shape
    .replace(':reference', reference)
    .replace(':form', form)
    .replace(':draft', draft)
    .replace(':question', question)
    .replace(':feed', ofFeed)
    .replace(':counter', `c-${place}`)
    .replace(':office', place)
    .replace(':id', `${id}-${place}`);
  const said = new URLSearchParams({ ...always, ...asked?.(target) });
  const headers = { cookie: cookies[caller] };
  return method === 'GET' ? app.ask(`${path}?${said.toString()}`, { headers }) : app.ask(path, { headers, body: said });
}

/** All that an answer tells, but for the name of what was asked about. */
function toldOf({ status, headers, text }: Answer, { place, reference, form, draft }: Target): string {
  const all = JSON.stringify([status, { ...headers, date: '', 'x-request-id': '' }, text]);
  return [reference, form, draft, place].reduce((said, name) => said.replaceAll(name, '·'), all);
}

const mayEnter = (caller: Caller): caller is Member => caller !== 'nobody' && caller !== 'stranger';

/** What somebody must be allowed to, to pass a door. */
const askedOf = (caller: Caller, { may, own }: Rule): Action => (caller === 'owner' && own ? own : may);

/** Whether somebody sees what is at a place. */
const isWithin = (caller: Caller, place: Place, action: Action, where: Where): boolean =>
  mayEnter(caller) &&
  (place === 'alfa' || place === 'beta') &&
  where !== 'maker' &&
  mayDo(ofAlfa(caller), action, where === 'office' ? place : undefined);

/** Words that stand only in what belongs to a place. */
const canariesOf = (place: Place): string[] => [`Canarino-${place}`, `Canarina ${place}`, `ada@${place}.example`];

/** Whose canaries an answer may hold: those of their offices, and for who manages people or reads the log of the authority. */
const mayShow = (caller: Caller, place: Place): boolean =>
  isWithin(caller, place, 'see-agenda', 'office') ||
  isWithin(caller, place, 'manage-staff', 'authority') ||
  isWithin(caller, place, 'read-access-log', 'authority');

/** Everything that is written down, but for who was seen when, what was looked at, forms on their way and letters sent. */
async function written(): Promise<string> {
  const database = app.app.get(Database);
  const whole = ['bookings', 'claims', 'holds', 'history', 'questions', 'feeds', 'authorities', 'staff'];
  const queries = [
    ...whole.map((table) => `SELECT * FROM ${table}`),
    'SELECT * FROM arrivals ORDER BY id',
    'SELECT * FROM doors ORDER BY office_id',
    'SELECT id, kind, recipient FROM outbox ORDER BY id',
    'SELECT token_hash, staff_id FROM sessions ORDER BY token_hash',
  ];
  return JSON.stringify(await Promise.all(queries.map((query) => database.rows(query))));
}

/** The doors of the staff as the router has them; HEAD is GET's shadow. */
function routes(): string[] {
  const tree = app.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false });
  const above: string[] = [];
  const found: string[] = [];
  for (const line of tree.split('\n')) {
    const read = /^((?:[│ ] {3})*)[├└]── (.*) \(([A-Z, ]+)\)$/.exec(line);
    if (!read) continue;
    const [, indent = '', part = '', methods = ''] = read;
    const depth = indent.length / 4;
    above.splice(depth, Infinity, part);
    const path = above.join('');
    for (const method of methods.split(', ')) found.push(`${method} ${path}`);
  }
  return found.filter((route) => /^(?!HEAD)\w+ \/operatore/.test(route));
}

test('The table knows every door of the router, and no other', () => {
  expect(routes().toSorted()).toEqual(Object.keys(DOORS).toSorted());
});

test.each(Object.entries(DOORS).filter(([, one]) => one === 'signed-in'))(
  '%s is for who is signed in, here',
  async (door) => {
    const plain = rule('see-agenda', 'anywhere');
    for (const caller of ['nobody', 'stranger'] as const) {
      const answer = await knock(door, plain, caller, targets.nada);
      expect(answer.status).toBe(door.startsWith('GET') ? 303 : 404);
      if (answer.status === 303) expect(answer.headers['location']).toMatch(/^\/operatore\/accesso\?poi=/);
    }
    if (door.startsWith('GET'))
      for (const role of ROLES) expect((await knock(door, plain, role, targets.nada)).status).toBeLessThan(400);
  },
);

describe.each(ruled)('%s', (door, one) => {
  test.each(CALLERS)('to %s shows nothing that is not theirs, and changes nothing', async (caller) => {
    const before = await written();
    const missing = toldOf(await knock(door, one, caller, targets.nada), targets.nada);
    for (const target of Object.values(targets)) {
      if (!one.shut && isWithin(caller, target.place, askedOf(caller, one), one.where)) continue;
      const answer = await knock(door, one, caller, target);
      if (isAbout(door, one) || !mayUse(caller, one)) expect(toldOf(answer, target)).toBe(missing);
      expect(answer.status).toBe(statusFor(door, one, caller, answer));
      for (const place of PLACES)
        if (!mayShow(caller, place)) for (const canary of canariesOf(place)) expect(answer.text).not.toContain(canary);
    }
    expect(await written()).toBe(before);
  });
});

/** Whether a door is knocked at with something in mind, or opens to a page that names nothing. */
const isAbout = (door: string, { asked }: Rule): boolean => door.includes(':') || asked !== undefined;

const mayUse = (caller: Caller, one: Rule): boolean => mayEnter(caller) && mayDo(ofAlfa(caller), askedOf(caller, one));

/** Who is not signed in is sent to the door; who may not at all finds nothing; who may elsewhere is told it is not there. */
function statusFor(door: string, one: Rule, caller: Caller, { status }: Answer): number {
  if (!mayEnter(caller)) return door.startsWith('GET') ? 303 : 404;
  return mayUse(caller, one) ? status : 404;
}

describe.each(ruled.toSorted(([a], [b]) => a.localeCompare(b)))('%s', (door, one) => {
  const allowed = STAFF.filter((member) => !one.shut && isWithin(member, 'alfa', askedOf(member, one), one.where));
  const callers = allowed.slice(0, one.once ? 1 : allowed.length);
  if (callers.length)
    test.each(callers)('opens to %s', async (caller) => {
      const answer = await knock(door, one, caller, targets.alfa);
      expect([404, 403, 500, 503]).not.toContain(answer.status);
      for (const place of PLACES)
        if (!mayShow(caller, place)) for (const canary of canariesOf(place)) expect(answer.text).not.toContain(canary);
    });
});

test('The canaries sing where they may', async () => {
  const seen = async (door: string, caller: Caller) =>
    (await knock(door, DOORS[door] as Rule, caller, targets.alfa)).text;
  expect(await seen('GET /operatore/appuntamenti/:reference', 'operator')).toContain('Canarino-alfa');
  expect(await seen('GET /operatore/cerca', 'operator')).toContain('Canarino-alfa');
  expect(await seen('GET /operatore/agenda', 'administrator')).toContain('Canarino-alfa');
  expect(await seen('GET /operatore/persone', 'administrator')).toContain('Canarina beta');
  expect(await seen('GET /operatore/attesa', 'administrator')).toContain('Canarino-beta');
});
