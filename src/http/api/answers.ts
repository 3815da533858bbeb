// SPDX-License-Identifier: AGPL-3.0-or-later
import { STATUSES } from '../../bookings/status.ts';
import { z } from 'zod';
import { AUDIENCES, MODES } from '../../offices/definition.ts';
import { WEEKDAYS } from '../../time/day.ts';

/** What the API answers: the shapes OpenAPI shows, against which the tests hold every answer. */

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/;
const DURATION = /^P(?!$)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?)?$/;
const WALL_TIME = /^([01]\d|2[0-4]):[0-5]\d$/;

const id = (example: string) =>
  z
    .string()
    .max(100)
    .meta({ examples: [example] });
const text = (example: string, most = 1000) =>
  z
    .string()
    .max(most)
    .meta({ examples: [example] });
const uri = (example: string) =>
  z
    .string()
    .max(2000)
    .meta({ format: 'uri', examples: [example] });
const instant = (example = '2027-03-30T09:00:00+02:00') =>
  z
    .string()
    .regex(INSTANT)
    .max(25)
    .meta({ format: 'date-time', examples: [example] });
const duration = (example: string) =>
  z
    .string()
    .regex(DURATION)
    .max(20)
    .meta({ format: 'duration', examples: [example] });
const day = (example: string) =>
  z
    .string()
    .max(10)
    .meta({ format: 'date', examples: [example] });
const count = (example: number, most: number) =>
  z
    .int()
    .min(0)
    .max(most)
    .meta({ format: 'int32', examples: [example] });
const list = <T extends z.ZodType>(item: T, most = 10_000) => z.array(item).max(most);
const mode = z.enum(MODES).meta({ examples: ['video'] });
const audience = z.enum(AUDIENCES);

const OpeningHours = z
  .strictObject({
    days: list(z.enum(WEEKDAYS), 7),
    opens: z
      .string()
      .regex(WALL_TIME)
      .max(5)
      .meta({ examples: ['09:00'] }),
    closes: z
      .string()
      .regex(WALL_TIME)
      .max(5)
      .meta({ examples: ['13:00'] }),
    valid_from: day('2027-01-01').optional(),
    valid_through: day('2027-06-30').optional(),
    audience: list(audience, 2).optional(),
  })
  .meta({ id: 'OpeningHours', description: "Wall-clock time in the authority's zone." });

const Field = z
  .strictObject({
    id: id('foglio_particella'),
    label: text('Foglio e particella'),
    type: z.enum(['text', 'number', 'choice']),
    required: z.boolean(),
    options: list(text('Residenziale'), 100).optional(),
  })
  .meta({ id: 'Field', description: 'What this service asks beyond name and e-mail.' });

const Service = z
  .strictObject({
    id: id('consulenza'),
    name: text('Consulenza SUAP'),
    description: text('Un colloquio prima di presentare la pratica').optional(),
    duration: duration('PT30M'),
    modes: list(mode, 3),
    notice: duration('PT2H'),
    horizon: duration('P90D'),
    buffer_after: duration('PT0M'),
    needs: list(text('Documento di identità'), 100),
    opening_hours: list(OpeningHours, 100).optional(),
    audience: list(audience, 2),
    fields: list(Field, 100),
    limits: z.strictObject({ per_person: count(1, 1000), per: duration('P7D') }).optional(),
    confirmation: z.enum(['automatic', 'staff']),
    cancel_until: duration('PT0M'),
  })
  .meta({ id: 'Service' });

export const DoorAnswer = z
  .strictObject({
    state: z.enum(['open', 'busy', 'paused', 'closed', 'none']).meta({
      description: '`busy` is open with somebody waiting; `none` never receives here.',
    }),
    waiting: count(2, 10_000).meta({ description: 'People who wait.' }),
    until: instant('2027-03-30T13:00:00+02:00').nullable().meta({ description: 'When it closes, if it is open.' }),
    next_opening: instant().nullable().meta({ description: 'When it opens next, if it is closed.' }),
    sentence: text('Torno alle 11:00', 200).nullable().meta({ description: 'Why it is paused.' }),
  })
  .meta({ id: 'Door', description: "The office's virtual door, where one knocks." });
export type DoorAnswer = z.output<typeof DoorAnswer>;

export const OfficeAnswer = z
  .strictObject({
    id: id('suap'),
    name: text('Sportello Unico Attività Produttive'),
    municipality: id('mombercelli'),
    municipality_name: text('Mombercelli'),
    address: text('Piazza Alfieri 2'),
    email: text('suap@unione.example').optional(),
    phone: text('+39 0141 000000').optional(),
    time_zone: text('Europe/Rome', 64),
    slot_step: duration('PT30M'),
    opening_hours: list(OpeningHours, 100),
    reception_hours: list(OpeningHours, 100).meta({ description: 'When the virtual door is open.' }),
    services: list(Service, 200),
    open_now: z.boolean(),
    next_opening: instant().nullable(),
    door: DoorAnswer,
  })
  .meta({ id: 'Office' });
export type OfficeAnswer = z.output<typeof OfficeAnswer>;

export const OfficesAnswer = z.strictObject({ items: list(OfficeAnswer, 1000) }).meta({ id: 'Offices' });

const Place = z.strictObject({ office_id: id('suap'), start: instant() }).meta({ id: 'Place' });

const Slot = z
  .strictObject({
    office_id: id('suap'),
    start: instant(),
    end: instant('2027-03-30T09:30:00+02:00'),
    free: count(2, 10_000).meta({ description: 'Counters free at that time.' }),
  })
  .meta({ id: 'Slot' });

const ClosedDay = z
  .strictObject({ office_id: id('suap'), date: day('2027-08-09'), reason: text('Chiusura estiva') })
  .meta({ id: 'ClosedDay' });

export const SlotsAnswer = z
  .strictObject({
    time_zone: text('Europe/Rome', 64),
    items: list(Slot, 1_000_000).meta({ description: 'Starts that could be booked now.' }),
    closed: list(ClosedDay, 100_000).meta({
      description: 'Holidays, patron saints and closures; not ordinary weekdays.',
    }),
    next_free: Place.nullable(),
  })
  .meta({ id: 'Slots' });
export type SlotsAnswer = z.output<typeof SlotsAnswer>;

export const HoldAnswer = z
  .strictObject({
    id: id('0199e0c8-6d5c-7c3e-9a0e-0d6f3a1b2c4d'),
    secret: text('qJ0vB1cYk5m3nXo2p9rT8sU7wV6xY4zA-bC_dE1fG2h', 200),
    expires_at: instant('2027-03-29T10:05:00+02:00'),
  })
  .meta({ id: 'Hold' });
export type HoldAnswer = z.output<typeof HoldAnswer>;

export const BookingAnswer = z
  .strictObject({
    reference: z
      .string()
      .max(20)
      .meta({ examples: ['7K4M9QX'] }),
    status: z.enum(STATUSES),
    office_id: id('suap'),
    service_id: id('consulenza'),
    counter: id('sportello-1').nullable().meta({ description: 'Provisional until the day.' }),
    start: instant(),
    end: instant('2027-03-30T09:30:00+02:00'),
    mode,
    meeting_url: uri('https://unione.example/incontro/bC_dE1fG2hqJ0vB1cYk5m3nXo2p9rT8sU7wV6xY4zA-')
      .optional()
      .meta({ description: 'Of a video appointment.' }),
    manage_url: uri('https://unione.example/appuntamento/qJ0vB1cYk5m3nXo2p9rT8sU7wV6xY4zA-bC_dE1fG2h'),
    manage_token: text('qJ0vB1cYk5m3nXo2p9rT8sU7wV6xY4zA-bC_dE1fG2h', 200).meta({
      description: 'Send it as Bearer to read, move or cancel.',
    }),
    sequence: count(0, 1_000_000).meta({ description: 'One more for each move and for the cancellation.' }),
  })
  .meta({ id: 'Booking' });
export type BookingAnswer = z.output<typeof BookingAnswer>;

export const KnockAnswer = z
  .strictObject({
    id: text('qJ0vB1cYk5m3nXo2p9rT8sU7wV6xY4zA-bC_dE1fG2h', 100).meta({
      description: 'Whoever has it is who knocked: keep it to yourself.',
    }),
    office_id: id('suap').meta({ description: 'Another than knocked at once it has handed over to it.' }),
    status: z.enum(['waiting', 'called', 'held', 'call_back', 'gone', 'closed', 'withdrawn']).meta({
      description: '`called`: the door is open, go to `url`; `gone`: no sign of life for 30 seconds while waiting.',
    }),
    number: count(42, 2_147_483_647).meta({ description: 'Place given by the door.' }),
    ahead: count(1, 10_000).meta({ description: 'People whose turn comes before.' }),
    estimate: duration('PT8M').nullable().meta({
      description: 'A guess of the wait; null when it does not wait, or the door is paused.',
    }),
    url: uri('https://unione.example/incontro/qJ0vB1cYk5m3nXo2p9rT8sU7wV6xY4zA-bC_dE1fG2h').meta({
      description: 'The page of the waiting room and of the call.',
    }),
    created_at: instant('2027-03-30T09:12:00+02:00').meta({
      description: 'When it came before this door: anew once it is handed over, or knocks again after being `gone`.',
    }),
  })
  .meta({ id: 'Knock' });
export type KnockAnswer = z.output<typeof KnockAnswer>;

const FieldError = z
  .strictObject({
    field: text('citizen.email', 500).meta({ description: 'Dotted path.' }),
    detail: text('must be one e-mail address'),
  })
  .meta({ id: 'FieldError' });

export const ProblemAnswer = z
  .strictObject({
    type: uri('https://unione.example/problems/slot-taken'),
    title: text('Slot taken', 200),
    status: z
      .int()
      .min(200)
      .max(599)
      .meta({ format: 'int32', examples: [409] }),
    detail: text('Someone just took this time.').optional(),
    errors: list(FieldError, 100).optional(),
    alternatives: list(Place, 3).optional(),
    next_opening: instant().nullable().optional().meta({ description: 'Of `door-closed`; null: not within a year.' }),
    said: text('Torno alle 11:00', 200)
      .optional()
      .meta({ description: 'Of `door-paused`: the sentence on the door. Of `taken-over`: who was faster.' }),
    request_id: text('5f1c2a90-42', 100).meta({ description: 'Of a fault of ours: quote it to us.' }).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457; the last segment of `type` names the reason.' });
export type ProblemAnswer = z.output<typeof ProblemAnswer>;
