// SPDX-License-Identifier: AGPL-3.0-or-later
import type { OfferedSlot, Timetable, Wanted } from '../../front-desk/timetable.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Mode, Office } from '../../offices/definition.ts';
import { addDays, type Day } from '../../time/day.ts';
import type { Minute } from '../../time/interval.ts';
import { dayOf } from '../../time/zone.ts';

/** Days one question to the timetable may span. */
const SPAN = 92;

/** Every free time from today to the service's horizon, so that only days and months with places are shown. */
export async function offerWithin(
  { timetable, authority, now }: { timetable: Timetable; authority: Authority; now: Minute },
  asked: { serviceId: string; offices: readonly Office[]; mode: Mode; except?: Wanted['except'] },
): Promise<OfferedSlot[]> {
  const { serviceId, offices, mode, except } = asked;
  const horizons = offices.map((o) => authority.service(o.id, serviceId)?.horizon ?? 0);
  const today = dayOf(now, authority.zone);
  const last = addDays(today, Math.ceil(Math.max(...horizons) / 1440));
  const wanted = { serviceId, officeIds: offices.map((o) => o.id), mode, except };
  const slots: OfferedSlot[] = [];
  for (const [from, through] of spans(today, last))
    slots.push(...(await timetable.offer(authority, { ...wanted, from, through })).slots);
  return slots;
}

function spans(first: Day, last: Day): [Day, Day][] {
  const all: [Day, Day][] = [];
  for (let from = first; from <= last; from = addDays(from, SPAN)) {
    const through = addDays(from, SPAN - 1);
    all.push([from, through < last ? through : last]);
  }
  return all;
}
