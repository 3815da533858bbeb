// SPDX-License-Identifier: AGPL-3.0-or-later
import { z } from 'zod';
import { LANGUAGES } from '../../bookings/booking.ts';
import {
  isEmail,
  isOneLine,
  isPhone,
  isText,
  lengthOf,
  LONGEST_CASE_NUMBER,
  LONGEST_EMAIL,
  LONGEST_NAME,
  LONGEST_PHONE,
  LONGEST_REASON,
} from '../../bookings/contact.ts';
import { LONGEST_FIELD } from '../../bookings/fields.ts';
import { MODES } from '../../offices/definition.ts';
import { daysFrom } from '../../time/day.ts';

/** Days one question may span, both ends included. */
const LONGEST_SPAN = 92;

const id = (example: string) =>
  z
    .string()
    .min(1)
    .max(100)
    .meta({ examples: [example] });
const officeId = id('suap');
const serviceId = id('consulenza');
const mode = z.enum(MODES).meta({ description: 'How the appointment is held.', examples: ['video'] });
const start = z
  .string()
  .min(1)
  .max(40)
  .meta({
    description:
      "RFC 3339. With an offset it is that instant; without one, wall-clock time in the authority's zone, " +
      'refused when it does not exist that day or exists twice.',
    examples: ['2027-03-30T09:00:00+02:00'],
  });

/** Text whose length is counted in characters, as JSON Schema does. */
const text = (least: number, most: number, isFit: (text: string) => boolean) =>
  z
    .string()
    .trim()
    .refine((t) => lengthOf(t) >= least && lengthOf(t) <= most, `must be ${least} to ${most} characters long`)
    .refine(isFit, 'must not contain control characters')
    .meta({ minLength: least, maxLength: most });

const name = (example: string) => text(1, LONGEST_NAME, isOneLine).meta({ examples: [example] });

const email = z
  .string()
  .trim()
  .refine(isEmail, 'must be one e-mail address')
  .meta({ format: 'email', maxLength: LONGEST_EMAIL, examples: ['anna.ferrero@example.org'] });

const phone = z
  .string()
  .trim()
  .refine(isPhone, 'must be a telephone number')
  .meta({ maxLength: LONGEST_PHONE, description: 'Required by phone.', examples: ['+39 0141 000000'] });

const citizen = z
  .strictObject({
    given_name: name('Anna'),
    family_name: name('Ferrero'),
    email,
    phone: phone.optional(),
  })
  .meta({ id: 'Citizen' });

const ownHold = z
  .strictObject({
    id: z
      .string()
      .max(100)
      .meta({ examples: ['0199e0c8-6d5c-7c3e-9a0e-0d6f3a1b2c4d'] }),
    secret: z
      .string()
      .max(200)
      .meta({ examples: ['qJ0vB1cYk5m3nXo2p9rT8sU7wV6xY4zA-bC_dE1fG2h'] }),
  })
  .meta({ id: 'OwnHold' });

const day = z.iso
  .date({ abort: true })
  .refine((d) => d >= '1970-01-01' && d <= '2199-12-31', 'must be between 1970 and 2199')
  .meta({ examples: ['2027-03-30'] });

/** `office_id=suap&office_id=sue` is a list, `office_id=suap` is a list of one. */
const officeIds = z.preprocess(
  (value) => (value === undefined || Array.isArray(value) ? value : [value]),
  z.array(officeId).min(1).max(100).optional(),
);

const answers = z
  .record(z.string().max(100), z.union([z.string().max(LONGEST_FIELD), z.number().meta({ format: 'double' })]))
  .refine((fields) => Object.keys(fields).length <= 100, 'must be 100 fields at most')
  .meta({
    description: "Answers to the service's own questions, by field id.",
    examples: [{ foglio_particella: '12/345' }],
  });

export const SlotsQuery = z
  .strictObject({
    service_id: serviceId,
    from: day.meta({ description: 'First day.' }),
    to: day.meta({ description: `Last day, included; ${LONGEST_SPAN} days at most in all.` }),
    office_id: officeIds.meta({ description: 'May be repeated; every office that gives the service when absent.' }),
    mode: mode.optional(),
  })
  .superRefine(({ from, to }, context) => {
    const days = daysFrom(from, to) + 1;
    if (days < 1) context.addIssue({ code: 'custom', path: ['to'], message: 'must not come before from' });
    if (days > LONGEST_SPAN)
      context.addIssue({ code: 'custom', path: ['to'], message: `must lie within ${LONGEST_SPAN} days of from` });
  });
export type SlotsQuery = z.output<typeof SlotsQuery>;

const wish = { office_id: officeId, service_id: serviceId, start, mode };

export const HoldRequest = z.strictObject(wish).meta({ id: 'HoldRequest' });
export type HoldRequest = z.output<typeof HoldRequest>;

export const BookingRequest = z
  .strictObject({
    ...wish,
    citizen,
    reason: text(0, LONGEST_REASON, isText)
      .meta({ description: 'What the office should know beforehand.', examples: ['Rinnovo licenza'] })
      .optional(),
    fields: answers.optional(),
    case_number: text(1, LONGEST_CASE_NUMBER, isOneLine)
      .meta({ description: 'Number of the case (pratica) it is about.', examples: ['SUAP-2027-0042'] })
      .optional(),
    hold: ownHold.optional(),
    language: z.enum(LANGUAGES).meta({ description: 'Of the letters; Accept-Language when absent.' }).optional(),
  })
  .superRefine(({ mode: how, citizen: who }, context) => {
    if (how === 'phone' && !who.phone)
      context.addIssue({ code: 'custom', path: ['citizen', 'phone'], message: 'is required by phone' });
  })
  .meta({ id: 'BookingRequest' });
export type BookingRequest = z.output<typeof BookingRequest>;

export const MoveRequest = z.strictObject({ start }).meta({ id: 'MoveRequest' });
export type MoveRequest = z.output<typeof MoveRequest>;

export const KnockRequest = z
  .strictObject({
    name: name('Anna Ferrero'),
    reason: text(0, LONGEST_REASON, isOneLine)
      .meta({ description: 'Why you come, in one line.', examples: ['Una SCIA per un bar'] })
      .optional(),
    language: z.enum(LANGUAGES).meta({ description: 'Of the waiting room; Accept-Language when absent.' }).optional(),
  })
  .meta({ id: 'KnockRequest' });
export type KnockRequest = z.output<typeof KnockRequest>;

/** Nothing is asked, and nothing else is taken. */
export const CancellationRequest = z.strictObject({}).optional();
