// SPDX-License-Identifier: AGPL-3.0-or-later
import { isDeepStrictEqual } from 'node:util';
import type * as offices from '../offices/definition.ts';
import { AUDIENCES } from '../offices/definition.ts';
import { formatTime, type MinuteOfDay } from '../time/day.ts';
import { formatDuration, type Duration } from '../time/duration.ts';
import { DEFAULT_ANSWER_WITHIN, DEFAULT_HORIZON, DEFAULT_PATIENCE, DEFAULT_REMINDERS } from './schema.ts';

/** Plain data as an authority file holds it: times and lengths are text. */
export type Data = string | number | boolean | null | readonly Data[] | Keys;
/** In snake_case; a key that is undefined is not there. */
export interface Keys {
  readonly [key: string]: Data | undefined;
}

export interface Part extends Keys {
  readonly id: string;
}

export interface OfficeData extends Part {
  readonly services: readonly Part[];
}

export interface SeatData extends Keys {
  readonly office: string;
  readonly services: readonly string[];
}

export interface CounterData extends Part {
  readonly serves: readonly SeatData[];
}

export interface AuthorityData extends Keys {
  readonly authority: Part;
  readonly municipalities: readonly Part[];
  readonly offices: readonly OfficeData[];
  readonly counters: readonly CounterData[];
  readonly staff?: readonly Keys[];
}

/** An authority as its file would say it: what is retired and what is understood without saying is left out. */
export function dataOf(a: offices.AuthorityDefinition): AuthorityData {
  return given({
    authority: authority(a),
    municipalities: a.municipalities.map(municipality),
    offices: living(a.offices).map(office),
    counters: living(a.counters).map(counter),
    staff: some(a.staff.map(grant)),
  });
}

const living = <T extends { readonly retired?: boolean }>(things: readonly T[]): T[] =>
  things.filter((t) => !t.retired);

/** Without the keys that are not there. */
function given<K extends Keys>(keys: K): K {
  const there = Object.entries(keys).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as K;
}

const some = <T extends Data>(list: readonly T[]): readonly T[] | undefined => (list.length ? list : undefined);

/** Nothing for what an absent key would mean. */
const unless = <T, W extends Data>(usual: T, value: T, write: (value: T) => W): W | undefined =>
  isDeepStrictEqual(usual, value) ? undefined : write(value);

const asIs = <T extends Data>(value: T): T => value;
const minutes = (length: number): string => formatDuration({ days: 0, minutes: length });
/** Elapsed time of whole days is said in days. */
const elapsed = (length: number): string => formatDuration({ days: Math.floor(length / 1440), minutes: length % 1440 });
const time = (at: MinuteOfDay): string => formatTime(at);
const NOTHING: Duration = { days: 0, minutes: 0 };

const authority = (a: offices.AuthorityDefinition): Part =>
  given({
    id: a.id,
    name: a.name,
    time_zone: a.timeZone,
    hosts: a.hosts,
    email: a.email,
    public_url: a.publicUrl,
    phone: a.phone,
    pec: a.pec,
    privacy: a.privacy && privacy(a.privacy),
    accessibility_url: a.accessibilityUrl,
    repository_url: a.repositoryUrl,
    closures: some(a.closures.map(closure)),
  });

const privacy = ({ controller, dpo, keepDays }: offices.Privacy): Data =>
  given({ controller, dpo, keep: keepDays && formatDuration({ days: keepDays, minutes: 0 }) });

const municipality = (m: offices.Municipality): Part =>
  given({
    id: m.id,
    name: m.name,
    patron_saint: m.patronSaint && { date: m.patronSaint.date, name: m.patronSaint.name },
    hosts: some(m.hosts),
    public_url: m.publicUrl,
  });

const office = (o: offices.Office): OfficeData =>
  given({
    id: o.id,
    name: o.name,
    municipality: o.municipality,
    address: o.address,
    email: o.email,
    phone: o.phone,
    slot_step: minutes(o.slotStep),
    opening_hours: o.openingHours.map(weeklyHours),
    reception_hours: o.receptionHours?.map(weeklyHours),
    reception_patience: unless(DEFAULT_PATIENCE, o.receptionPatience, minutes),
    openings: some(o.openings.map(opening)),
    closures: some(o.closures.map(closure)),
    services: living(o.services).map(service),
    answer_within: unless(DEFAULT_ANSWER_WITHIN, o.answerWithin, formatDuration),
    calendar_deletion: unless('ask', o.calendarDeletion, asIs),
    calendar_shows: unless('reference', o.calendarShows, asIs),
  });

const weeklyHours = (h: offices.WeeklyHours): Data =>
  given({
    days: h.days,
    opens: time(h.opens),
    closes: time(h.closes),
    valid_from: h.validFrom,
    valid_through: h.validThrough,
    audience: h.audience,
  });

const opening = (o: offices.ExtraOpening): Data =>
  given({ date: o.date, opens: time(o.opens), closes: time(o.closes), audience: o.audience });

const closure = ({ from, through, reason }: offices.Closure): Data => ({ from, through, reason });

const service = (s: offices.Service): Part =>
  given({
    id: s.id,
    name: s.name,
    description: s.description,
    duration: minutes(s.duration),
    modes: unless<readonly offices.Mode[], Data>(['in_person'], s.modes, (m) => m),
    notice: unless(0, s.notice, elapsed),
    horizon: unless(DEFAULT_HORIZON, s.horizon, elapsed),
    buffer_after: unless(0, s.bufferAfter, minutes),
    needs: some(s.needs),
    video: s.video === 'url' ? given({ url: s.videoUrl }) : unless('builtin', s.video, asIs),
    opening_hours: some(s.openingHours.map(weeklyHours)),
    audience: unless<readonly offices.Audience[], Data>(AUDIENCES, s.audience, (a) => a),
    fields: some(s.fields.map(field)),
    limits: s.limits && { per_person: s.limits.perPerson, per: formatDuration(s.limits.per) },
    confirmation: unless('automatic', s.confirmation, asIs),
    cancel_until: unless(NOTHING, s.cancelUntil, formatDuration),
    reminders: unless<readonly Duration[], Data>(DEFAULT_REMINDERS, s.reminders, (all) => all.map(formatDuration)),
  });

const field = (f: offices.Field): Data =>
  given({ id: f.id, label: f.label, type: f.type, required: f.required, options: some(f.options) });

const counter = (c: offices.Counter): CounterData =>
  given({
    id: c.id,
    name: c.name,
    serves: c.serves.map((s): SeatData => given({ office: s.office, services: s.services, days: s.days })),
    google_calendar: c.googleCalendar ? googleCalendar(c.googleCalendar) : undefined,
    staff: c.staff,
  });

const googleCalendar = ({ id, access, as }: offices.GoogleCalendar): Data =>
  access === 'service_account' && as === undefined ? id : given({ id, access, as });

const grant = (g: offices.Grant): Keys =>
  given({ email: g.email, group: g.group, role: g.role, offices: some(g.offices) });
