// SPDX-License-Identifier: AGPL-3.0-or-later
import type { AgendaColumn, Entry } from '../../../front-desk/agenda.ts';
import { without, type Interval, type Minute } from '../../../time/interval.ts';
import { sayRange, sayTime } from '../../../time/say.ts';
import { TICK } from '../../../time/tick.ts';
import { dayOf, rfc3339, timeOf } from '../../../time/zone.ts';
import { addressOf } from '../../citizen/choice.ts';
import { bookingLine, type Look } from './booking-line.ts';

const HALF = 30;

/** A stretch of a column: an entry, or the time around entries, open or not. `size` are its classes in the style sheet. */
export type Cell = ReturnType<typeof entryCell> | { readonly kind: 'open' | 'closed'; readonly size: string };

/** The half hours a page shows, the same for every column. */
export function frameOf(columns: readonly AgendaColumn[], zone: string): Interval | null {
  const times = columns.flatMap(({ open, entries }) => [
    ...open,
    ...entries.filter(({ kind }) => kind !== 'busy').map(({ time }) => time),
  ]);
  if (!times.length) return null;
  const start = Math.min(...times.map((t) => t.start));
  const end = Math.max(...times.map((t) => t.end));
  const past = timeOf(end, zone) % HALF;
  return { start: start - (timeOf(start, zone) % HALF), end: past ? end + HALF - past : end };
}

/** The hours beside the columns, the first perhaps half of one. */
export function axisOf({ start, end }: Interval, { authority, language }: Look) {
  const marks: Minute[] = [start];
  for (let at = start + 60 - (timeOf(start, authority.zone) % 60); at < end; at += 60) marks.push(at);
  return marks.map((at, i) => ({
    size: sizeOf({ start: at, end: marks[i + 1] ?? end }),
    label: sayTime(at, authority.zone, language),
  }));
}

/** From the top of the frame down to now. */
export const nowIn = ({ start, end }: Interval, { now, authority, language }: Look) =>
  start <= now && now < end
    ? { size: sizeOf({ start, end: now }), time: sayTime(now, authority.zone, language) }
    : null;

/** The shortest that must be read and hit, in ticks: the page is as tall as it needs, and no taller. */
export function shortestOf(columns: readonly AgendaColumn[]): number {
  const entries = columns.flatMap((c) => c.entries).filter(({ kind }) => kind === 'booking' || kind === 'free');
  const ticks = Math.min(6, ...entries.map(({ time }) => Math.floor((time.end - time.start) / TICK)));
  return Math.max(1, ticks);
}

/** Everything of a column within the frame, without holes, the first first. */
export function cellsOf(
  { counter, open, entries }: AgendaColumn,
  frame: Interval,
  officeId: string,
  look: Look,
): Cell[] {
  const cells: Cell[] = [];
  let at = frame.start;
  for (const entry of entries) {
    const start = clip(Math.floor(entry.time.start / TICK) * TICK, { start: at, end: frame.end });
    const end = clip(Math.ceil(entry.time.end / TICK) * TICK, frame);
    if (end <= start) continue;
    cells.push(...gaps({ start: at, end: start }, open));
    cells.push(entryCell(entry, sizeOf({ start, end }), { officeId, counterId: counter.id }, look));
    at = end;
  }
  return [...cells, ...gaps({ start: at, end: frame.end }, open)];
}

const clip = (minute: Minute, { start, end }: Interval): Minute => Math.min(Math.max(minute, start), end);

/** Time without an entry, told apart by whether the counter receives. */
function gaps(gap: Interval, open: readonly Interval[]): Cell[] {
  if (gap.start >= gap.end) return [];
  const shut = without(gap, open);
  const pieces = [
    ...shut.map((time) => ({ kind: 'closed' as const, time })),
    ...without(gap, shut).map((time) => ({ kind: 'open' as const, time })),
  ];
  return pieces.sort((a, b) => a.time.start - b.time.start).map(({ kind, time }) => ({ kind, size: sizeOf(time) }));
}

interface Place {
  readonly officeId: string;
  readonly counterId: string;
}

function entryCell(entry: Entry, size: string, { officeId, counterId }: Place, look: Look) {
  const { zone } = look.authority;
  const { start, end } = entry.time;
  if (entry.kind === 'booking') return { kind: entry.kind, size, ...bookingLine(entry.booking, look) };
  if (entry.kind === 'free') {
    const asked = { ufficio: officeId, giorno: dayOf(start, zone), start: rfc3339(start, zone), sportello: counterId };
    const time = sayTime(start, zone, look.language);
    return { kind: entry.kind, size, time, href: addressOf('/operatore/nuovo', asked) };
  }
  const office = entry.kind === 'elsewhere' ? (look.authority.anyOffice(entry.officeId)?.name ?? '') : '';
  return { kind: entry.kind, size, range: sayRange(start, end, zone, look.language), office };
}

/** Hours and ticks, measured between places of the page, so that rounding does not add up. */
function sizeOf({ start, end }: Interval): string {
  const ticks = Math.round(end / TICK) - Math.round(start / TICK);
  const anHour = 60 / TICK;
  return `hours-${Math.floor(ticks / anHour)} ticks-${ticks % anHour}`;
}
