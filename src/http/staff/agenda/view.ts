// SPDX-License-Identifier: AGPL-3.0-or-later
import { mayDo } from '../../../access/permissions.ts';
import type { Staff } from '../../../access/staff.ts';
import type { AgendaDay, Entry } from '../../../front-desk/agenda.ts';
import type { KeyedCounter } from '../../../offices/authority.ts';
import type { Office } from '../../../offices/definition.ts';
import { addDays, type Day } from '../../../time/day.ts';
import { sayDate } from '../../../time/say.ts';
import { dayOf } from '../../../time/zone.ts';
import { addressOf } from '../../citizen/choice.ts';
import { bookingLine, type Look } from './booking-line.ts';
import type { CalendarViews } from './calendars.ts';
import { axisOf, cellsOf, frameOf, nowIn, shortestOf } from './cells.ts';
import { agendaAddress, mondayOf, type AgendaChoice } from './choice.ts';

/** An agenda with an office. */
export type OfficeChoice = AgendaChoice & { readonly office: Office };

/** What stands around the columns: where one is, and where one can go. */
export function frameView(choice: OfficeChoice, staff: Staff, { authority, language, now }: Look) {
  const { office, day, view } = choice;
  const today = dayOf(now, authority.zone);
  const step = view === 'giorno' ? 1 : 7;
  return {
    ...choice,
    title: sayDate(view === 'giorno' ? day : mondayOf(day), language, today),
    through: view === 'giorno' ? null : sayDate(addDays(mondayOf(day), 6), language, today),
    isToday: day === today,
    counters: authority.counters.filter((c) => !c.retired && c.serves.some((s) => s.office === office.id)),
    extras: authority.extrasOf(office.id),
    to: {
      before: agendaAddress(choice, { day: addDays(day, -step) }),
      today: agendaAddress(choice, { day: today }),
      after: agendaAddress(choice, { day: addDays(day, step) }),
      day: agendaAddress(choice, { view: 'giorno' }),
      week: agendaAddress(choice, { view: 'settimana' }),
      everyCounter: agendaAddress(choice, { sportello: '' }),
      newBooking: addressOf('/operatore/nuovo', { ufficio: office.id, giorno: day }),
      closeDay: mayDo(staff, 'edit-hours', office.id) ? closeDayAt(office.id, day) : null,
    },
  };
}

/** The page on which a day is closed. */
const closeDayAt = (ufficio: string, giorno: Day): string => addressOf('/operatore/orari/chiudi', { ufficio, giorno });

/** One day: a column for each counter, all as tall as the hours they share. */
export function dayView(choice: OfficeChoice, { columns, closed }: AgendaDay, calendars: CalendarViews, look: Look) {
  const shown = columns.filter(({ counter }) => isShown(choice, counter));
  const frame = frameOf(shown, look.authority.zone);
  return {
    closed,
    shortest: shortestOf(shown),
    axis: frame ? axisOf(frame, look) : [],
    nowLine: frame && nowIn(frame, look),
    bookings: shown.reduce((sum, { entries }) => sum + countOf(entries, 'booking'), 0),
    columns: shown.map((column) => ({
      name: column.counter.name,
      calendar: calendars.get(column.counter.key) ?? null,
      bookings: countOf(column.entries, 'booking'),
      free: countOf(column.entries, 'free'),
      cells: cellsOf(column, frame!, choice.office.id, look),
    })),
  };
}

/** A week: a column for each day, its bookings one under another. */
export function weekView(choice: OfficeChoice, days: readonly AgendaDay[], look: Look) {
  const today = dayOf(look.now, look.authority.zone);
  const columns = days.map(({ day, closed, columns: counters }) => {
    const entries = counters.filter(({ counter }) => isShown(choice, counter)).flatMap((c) => c.entries);
    const lines = entries.flatMap((e) => (e.kind === 'booking' ? [e.booking] : []));
    return {
      name: sayDate(day, look.language, today),
      href: agendaAddress(choice, { day, view: 'giorno' }),
      today: day === today,
      closed,
      open: entries.length > 0 || counters.some((c) => c.open.length > 0),
      free: countOf(entries, 'free'),
      lines: lines.sort((a, b) => a.start - b.start).map((booking) => bookingLine(booking, look)),
    };
  });
  return { columns, bookings: columns.reduce((sum, { lines }) => sum + lines.length, 0) };
}

const isShown = ({ sportello }: AgendaChoice, { id }: KeyedCounter): boolean => !sportello || id === sportello;

const countOf = (entries: readonly Entry[], kind: Entry['kind']): number =>
  entries.filter((entry) => entry.kind === kind).length;
