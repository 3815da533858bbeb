// SPDX-License-Identifier: AGPL-3.0-or-later
import { z } from 'zod';
import {
  AUDIENCES,
  CALENDAR_ACCESS,
  CALENDAR_DELETIONS,
  CALENDAR_SHOWS,
  MODES,
  ROLES,
  VIDEO_PROVIDERS,
} from '../offices/definition.ts';
import type * as offices from '../offices/definition.ts';
import { WEEKDAYS } from '../time/day.ts';
import { sentenceFor } from './sentences.ts';
import * as value from './values.ts';

/** What an absent key means. `null` is a key with nothing behind it: all of its list commented out, say. */
export const DEFAULT_HORIZON = 90 * 1440;
export const DEFAULT_ANSWER_WITHIN = { days: 3, minutes: 0 };
/** Minutes. */
export const DEFAULT_PATIENCE = 5;
export const DEFAULT_REMINDERS = [
  { days: 3, minutes: 0 },
  { days: 0, minutes: 120 },
];

const name = value.line(200);
const asGiven = <T>(list: readonly T[] | null | undefined): readonly T[] | undefined =>
  list?.length ? list : undefined;

/** A list in which nothing stands twice. */
const list = <T extends z.ZodType>(item: T) =>
  z.array(item).superRefine((items, ctx) => {
    const texts = items.map((i) => JSON.stringify(i));
    texts.forEach((text, i) => {
      if (texts.indexOf(text) < i)
        ctx.addIssue({ code: 'custom', path: [i], message: 'This stands in the list twice.' });
    });
  });

const audience = list(z.enum(AUDIENCES)).nullish();
const days = list(z.enum(WEEKDAYS));

interface Refusing {
  addIssue(issue: { code: 'custom'; path: string[]; message: string }): void;
}

const refuseUnless = (holds: boolean, ctx: Refusing, field: string, message: string): void => {
  if (!holds) ctx.addIssue({ code: 'custom', path: [field], message });
};

const opensBeforeClosing = (hours: { opens: number; closes: number }, ctx: Refusing): void =>
  refuseUnless(hours.opens < hours.closes, ctx, 'closes', 'Write a closing time after the opening time.');

const weeklyHours = z
  .strictObject({
    days,
    opens: value.time,
    closes: value.time,
    valid_from: value.day.nullish(),
    valid_through: value.day.nullish(),
    audience,
  })
  .superRefine((h, ctx) => {
    opensBeforeClosing(h, ctx);
    const ordered = !h.valid_from || !h.valid_through || h.valid_from <= h.valid_through;
    refuseUnless(ordered, ctx, 'valid_through', 'Write a last day that is not before valid_from.');
  })
  .transform((h): offices.WeeklyHours => ({
    days: h.days,
    opens: h.opens,
    closes: h.closes,
    validFrom: h.valid_from ?? undefined,
    validThrough: h.valid_through ?? undefined,
    audience: asGiven(h.audience),
  }));

const opening = z
  .strictObject({ date: value.day, opens: value.time, closes: value.time, audience })
  .superRefine(opensBeforeClosing)
  .transform((o): offices.ExtraOpening => ({ ...o, audience: asGiven(o.audience) }));

const closure = z
  .strictObject({ from: value.day, through: value.day, reason: name })
  .superRefine((c, ctx) =>
    refuseUnless(c.from <= c.through, ctx, 'through', 'Write a last day that is not before "from".'),
  )
  .transform((c): offices.Closure => c);

const municipality = z
  .strictObject({
    id: value.id,
    name,
    patron_saint: z.strictObject({ date: value.patronDate, name }).nullish(),
    hosts: z.array(value.host).nullish(),
    public_url: value.publicUrl.nullish(),
  })
  .transform((m): offices.Municipality => ({
    id: m.id,
    name: m.name,
    patronSaint: m.patron_saint ?? undefined,
    hosts: m.hosts ?? [],
    publicUrl: m.public_url ?? undefined,
  }));

const field = z
  .strictObject({
    id: value.fieldId,
    label: name,
    type: z.enum(['text', 'number', 'choice']),
    required: z.boolean().nullish(),
    options: list(name).nullish(),
  })
  .superRefine((f, ctx) => {
    const given = Boolean(f.options?.length);
    refuseUnless(given || f.type !== 'choice', ctx, 'options', 'List the options to choose from.');
    refuseUnless(!given || f.type === 'choice', ctx, 'options', 'Only a field of type choice has options.');
  })
  .transform((f): offices.Field => ({ ...f, required: f.required ?? false, options: f.options ?? [] }));

const limits = z
  .strictObject({ per_person: z.int().min(1).max(1000), per: value.span })
  .transform((l): offices.Limits => ({ perPerson: l.per_person, per: l.per }));

const BUILTIN: Pick<offices.Service, 'video' | 'videoUrl'> = { video: 'builtin' };
const MADE_BY = VIDEO_PROVIDERS.filter((provider) => provider !== 'url');

const provider = z
  .enum(MADE_BY, `Write ${MADE_BY.join(', ')}, or { url: https://… }, or leave this out.`)
  .transform((made): typeof BUILTIN => ({ video: made }));

const fixedRoom = z
  .strictObject({ url: value.roomAddress })
  .transform(({ url }): typeof BUILTIN => ({ video: 'url', videoUrl: url }));

/** Who carries the call: a provider by name, or a room that is always the same. What is wrong is told of the one meant. */
const video = z.unknown().transform((written, { issues }): typeof BUILTIN => {
  const meant = typeof written === 'object' ? fixedRoom : provider;
  const { data, error } = meant.safeParse(written, { error: sentenceFor });
  issues.push(...(error?.issues ?? []).map((issue) => ({ ...issue, input: undefined })));
  return data ?? BUILTIN;
});

const service = z
  .strictObject({
    id: value.id,
    name,
    description: value.prose.nullish(),
    duration: value.length,
    modes: list(z.enum(MODES)).nullish(),
    notice: value.notice.nullish(),
    horizon: value.horizon.nullish(),
    buffer_after: value.buffer.nullish(),
    needs: list(value.line(500)).nullish(),
    video: video.nullish(),
    opening_hours: z.array(weeklyHours).nullish(),
    audience,
    fields: z.array(field).nullish(),
    limits: limits.nullish(),
    confirmation: z.enum(['automatic', 'staff']).nullish(),
    cancel_until: value.ahead.nullish(),
    reminders: list(value.span).nullish(),
  })
  .superRefine((s, ctx) => {
    const whole = s.duration + (s.buffer_after ?? 0);
    refuseUnless(whole <= 1440, ctx, 'buffer_after', 'Write at most 24 hours for duration and buffer_after together.');
    const bookable = (s.notice ?? 0) < (s.horizon ?? DEFAULT_HORIZON);
    refuseUnless(
      bookable,
      ctx,
      'notice',
      'Write less than the horizon (90 days if absent), or nobody could ever book.',
    );
  })
  .transform((s): offices.Service => ({
    id: s.id,
    name: s.name,
    description: s.description ?? undefined,
    duration: s.duration,
    modes: asGiven(s.modes) ?? ['in_person'],
    notice: s.notice ?? 0,
    horizon: s.horizon ?? DEFAULT_HORIZON,
    bufferAfter: s.buffer_after ?? 0,
    needs: s.needs ?? [],
    ...(s.video ?? BUILTIN),
    openingHours: s.opening_hours ?? [],
    audience: asGiven(s.audience) ?? AUDIENCES,
    fields: s.fields ?? [],
    limits: s.limits ?? undefined,
    confirmation: s.confirmation ?? 'automatic',
    cancelUntil: s.cancel_until ?? { days: 0, minutes: 0 },
    reminders: s.reminders ?? DEFAULT_REMINDERS,
  }));

const office = z
  .strictObject({
    id: value.id,
    name,
    municipality: z.string().trim(),
    address: value.line(300),
    email: value.email.nullish(),
    phone: value.line(60).nullish(),
    slot_step: value.length,
    opening_hours: z.array(weeklyHours),
    reception_hours: z.array(weeklyHours).nullish(),
    reception_patience: value.length.nullish(),
    openings: z.array(opening).nullish(),
    closures: z.array(closure).nullish(),
    services: z.array(service),
    answer_within: value.span.nullish(),
    calendar_deletion: z.enum(CALENDAR_DELETIONS).nullish(),
    calendar_shows: z.enum(CALENDAR_SHOWS).nullish(),
  })
  .transform((o): offices.Office => ({
    id: o.id,
    name: o.name,
    municipality: o.municipality,
    address: o.address,
    email: o.email ?? undefined,
    phone: o.phone ?? undefined,
    slotStep: o.slot_step,
    openingHours: o.opening_hours,
    receptionHours: o.reception_hours ?? undefined,
    receptionPatience: o.reception_patience ?? DEFAULT_PATIENCE,
    openings: o.openings ?? [],
    closures: o.closures ?? [],
    services: o.services,
    answerWithin: o.answer_within ?? DEFAULT_ANSWER_WITHIN,
    calendarDeletion: o.calendar_deletion ?? 'ask',
    calendarShows: o.calendar_shows ?? 'reference',
  }));

const seat = z
  .strictObject({ office: z.string().trim(), services: list(z.string().trim()), days: days.nullish() })
  .transform((s): offices.Seat => ({ ...s, days: asGiven(s.days) }));

/** Google's word for whoever asks has another meaning for each who is let in. */
const calendarId = value
  .line(254)
  .refine((id) => id !== 'primary', 'Write the id of the calendar itself: "primary" is another for each account.');

const googleCalendar = z
  .union([
    calendarId.transform((id) => ({ id })),
    z.strictObject({ id: calendarId, access: z.enum(CALENDAR_ACCESS).nullish(), as: value.email.nullish() }),
  ])
  .transform(
    (c: { id: string; access?: offices.CalendarAccess | null; as?: string | null }): offices.GoogleCalendar => ({
      id: c.id,
      access: c.access ?? 'service_account',
      as: c.as ?? undefined,
    }),
  )
  .superRefine((c, ctx) =>
    refuseUnless(!c.as || c.access === 'service_account', ctx, 'as', 'Only a service account acts for somebody else.'),
  );

const grant = z
  .strictObject({
    email: value.email.nullish(),
    group: name.nullish(),
    role: z.enum(ROLES),
    offices: list(z.string().trim()).nullish(),
  })
  .superRefine((g, ctx) => {
    const everywhere = g.role === 'administrator' || g.role === 'privacy';
    refuseUnless(Boolean(g.email) !== Boolean(g.group), ctx, 'email', 'Write either an email or a group.');
    refuseUnless(everywhere || Boolean(g.offices?.length), ctx, 'offices', 'List the offices of this role.');
    refuseUnless(
      !everywhere || !g.offices?.length,
      ctx,
      'offices',
      'This role is of the whole authority: leave offices out.',
    );
  })
  .transform((g): offices.Grant => ({
    email: g.email?.toLowerCase(),
    group: g.group ?? undefined,
    role: g.role,
    offices: g.offices ?? [],
  }));

const counter = z
  .strictObject({
    id: value.id,
    name,
    serves: z.array(seat),
    google_calendar: googleCalendar.nullish(),
    staff: value.email.toLowerCase().nullish(),
  })
  .transform((c): offices.Counter => ({
    id: c.id,
    name: c.name,
    serves: c.serves,
    googleCalendar: c.google_calendar ?? null,
    staff: c.staff ?? undefined,
  }));

const privacy = z
  .strictObject({ controller: value.line(500), dpo: value.line(500), keep: value.keep.nullish() })
  .transform((p): offices.Privacy => ({ controller: p.controller, dpo: p.dpo, keepDays: p.keep ?? undefined }));

const authority = z.strictObject({
  id: value.id,
  name,
  time_zone: value.timeZone,
  hosts: z.array(value.host),
  email: value.email,
  public_url: value.publicUrl.nullish(),
  phone: value.line(60).nullish(),
  pec: value.email.nullish(),
  privacy: privacy.nullish(),
  accessibility_url: value.webAddress.nullish(),
  repository_url: value.webAddress.nullish(),
  closures: z.array(closure).nullish(),
});

/** The whole file, snake_case and as written, into the definition the house works with. */
export const authorityFile = z
  .strictObject({
    authority,
    municipalities: z.array(municipality),
    offices: z.array(office),
    counters: z.array(counter),
    staff: list(grant).nullish(),
  })
  .transform(({ authority: a, municipalities, offices: all, counters, staff }): offices.AuthorityDefinition => ({
    id: a.id,
    name: a.name,
    timeZone: a.time_zone,
    hosts: a.hosts,
    email: a.email,
    publicUrl: a.public_url ?? undefined,
    phone: a.phone ?? undefined,
    pec: a.pec ?? undefined,
    privacy: a.privacy ?? undefined,
    accessibilityUrl: a.accessibility_url ?? undefined,
    repositoryUrl: a.repository_url ?? undefined,
    closures: a.closures ?? [],
    municipalities,
    offices: all,
    counters,
    staff: staff ?? [],
  }));
