// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Day, MinuteOfDay, Weekday } from '../time/day.ts';
import type { Duration } from '../time/duration.ts';

export const MODES = ['in_person', 'phone', 'video'] as const;
export type Mode = (typeof MODES)[number];

export const AUDIENCES = ['public', 'professionals'] as const;
export type Audience = (typeof AUDIENCES)[number];

export const ROLES = ['operator', 'head', 'administrator', 'privacy'] as const;
/** What staff are: operators and heads of given offices, administrators and privacy officers of the whole authority. */
export type Role = (typeof ROLES)[number];

export const VIDEO_PROVIDERS = ['builtin', 'meet', 'jitsi', 'whereby', 'goto', 'url'] as const;
/** Who carries a video call: our own room, the one Google Meet makes with the event, another provider's, or one fixed address. */
export type VideoProvider = (typeof VIDEO_PROVIDERS)[number];

export const CALENDAR_ACCESS = ['service_account', 'oauth'] as const;
export type CalendarAccess = (typeof CALENDAR_ACCESS)[number];

export const CALENDAR_DELETIONS = ['restore', 'ask', 'cancel'] as const;
/** What becomes of an appointment whose event staff delete in their calendar. */
export type CalendarDeletion = (typeof CALENDAR_DELETIONS)[number];

export const CALENDAR_SHOWS = ['reference', 'name'] as const;
/** What an event in the staff's calendar says of the citizen. */
export type CalendarShows = (typeof CALENDAR_SHOWS)[number];

/** Opening hours that come back every week, in wall-clock time of the authority's zone. */
export interface WeeklyHours {
  readonly days: readonly Weekday[];
  readonly opens: MinuteOfDay;
  readonly closes: MinuteOfDay;
  readonly validFrom?: Day;
  readonly validThrough?: Day;
  readonly audience?: readonly Audience[];
}

/** An extraordinary opening: it stands even on a holiday or in a closure. */
export interface ExtraOpening {
  readonly date: Day;
  readonly opens: MinuteOfDay;
  readonly closes: MinuteOfDay;
  readonly audience?: readonly Audience[];
}

export interface Closure {
  readonly from: Day;
  readonly through: Day;
  readonly reason: string;
}

/** The day of a municipality's patron saint: every year on `MM-DD`, or so many days after Easter Sunday. */
export interface PatronSaint {
  readonly date: string;
  readonly name: string;
}

export interface Municipality {
  readonly id: string;
  readonly name: string;
  readonly patronSaint?: PatronSaint;
  readonly hosts: readonly string[];
  readonly publicUrl?: string;
}

/** What a service asks beyond name and e-mail; erased with the citizen's data. */
export interface Field {
  readonly id: string;
  readonly label: string;
  readonly type: 'text' | 'number' | 'choice';
  readonly required: boolean;
  readonly options: readonly string[];
}

/** At most `perPerson` live bookings of one e-mail address whose starts lie within any `per`. */
export interface Limits {
  readonly perPerson: number;
  readonly per: Duration;
}

export interface Service {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  /** Minutes. */
  readonly duration: number;
  readonly modes: readonly Mode[];
  /** Elapsed minutes. */
  readonly notice: number;
  /** Elapsed minutes. */
  readonly horizon: number;
  /** Minutes. */
  readonly bufferAfter: number;
  readonly needs: readonly string[];
  readonly video: VideoProvider;
  /** Of the provider `url`. */
  readonly videoUrl?: string;
  /** When there are any they replace the office's weekly hours for this service. */
  readonly openingHours: readonly WeeklyHours[];
  readonly audience: readonly Audience[];
  readonly fields: readonly Field[];
  readonly limits?: Limits;
  readonly confirmation: 'automatic' | 'staff';
  readonly cancelUntil: Duration;
  readonly reminders: readonly Duration[];
  /** No longer in the authority file, kept because bookings name it. */
  readonly retired?: boolean;
}

export interface Office {
  readonly id: string;
  readonly name: string;
  readonly municipality: string;
  readonly address: string;
  readonly email?: string;
  readonly phone?: string;
  /** Minutes of the grid on which appointments may start, counted from each opening. */
  readonly slotStep: number;
  readonly openingHours: readonly WeeklyHours[];
  /** When the virtual door opens; the opening hours when absent, never when empty. */
  readonly receptionHours?: readonly WeeklyHours[];
  /** Minutes after which who waits at the virtual door unanswered is offered another way. */
  readonly receptionPatience: number;
  readonly openings: readonly ExtraOpening[];
  readonly closures: readonly Closure[];
  readonly services: readonly Service[];
  /** How long the office has to say yes to a booking that waits for it. */
  readonly answerWithin: Duration;
  readonly calendarDeletion: CalendarDeletion;
  readonly calendarShows: CalendarShows;
  /** No longer in the authority file, kept because bookings name it. */
  readonly retired?: boolean;
}

/** A counter's Google Calendar, and how we are let in. */
export interface GoogleCalendar {
  readonly id: string;
  readonly access: CalendarAccess;
  /** The person for whom the service account acts, where the domain delegates to it. */
  readonly as?: string;
}

/** Where a counter sits: the services it gives at an office, on these weekdays (every day when absent). */
export interface Seat {
  readonly office: string;
  readonly services: readonly string[];
  readonly days?: readonly Weekday[];
}

/** Who or what receives one appointment at a time: a desk, a technician, the mayor. */
export interface Counter {
  readonly id: string;
  readonly name: string;
  readonly serves: readonly Seat[];
  readonly googleCalendar: GoogleCalendar | null;
  /** Whose counter it is, by e-mail address in lower case: they may link their own calendar to it. */
  readonly staff?: string;
  /** No longer in the authority file, kept because bookings name it. */
  readonly retired?: boolean;
}

/** Who may enter by OpenID Connect, told by e-mail address or by group, and as what. */
export interface Grant {
  readonly email?: string;
  readonly group?: string;
  readonly role: Role;
  readonly offices: readonly string[];
}

export interface Privacy {
  readonly controller: string;
  readonly dpo: string;
  /** Days after an appointment, or after it was cancelled, for which it is known whose it was. */
  readonly keepDays?: number;
}

/** An authority as its file describes it: plain data, kept whole as JSON. */
export interface AuthorityDefinition {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly hosts: readonly string[];
  readonly email: string;
  readonly publicUrl?: string;
  readonly phone?: string;
  readonly pec?: string;
  readonly privacy?: Privacy;
  readonly accessibilityUrl?: string;
  readonly repositoryUrl?: string;
  /** Closed everywhere, whatever the office says. */
  readonly closures: readonly Closure[];
  readonly municipalities: readonly Municipality[];
  readonly offices: readonly Office[];
  readonly counters: readonly Counter[];
  readonly staff: readonly Grant[];
}
