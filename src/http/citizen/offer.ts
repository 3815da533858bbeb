// SPDX-License-Identifier: AGPL-3.0-or-later
import type { OfferedSlot, Timetable, Wanted } from '../../front-desk/timetable.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Mode, Office } from '../../offices/definition.ts';
import { addDays } from '../../time/day.ts';
import type { Minute } from '../../time/interval.ts';
import { dayOf } from '../../time/zone.ts';

/** Every free time from today to the service's horizon, so that only days and months with places are shown. */
export async function offerWithin(
  { timetable, authority, now }: { timetable: Timetable; authority: Authority; now: Minute },
  asked: { serviceId: string; offices: readonly Office[]; mode: Mode } & Pick<Wanted, 'audience' | 'except'>,
): Promise<readonly OfferedSlot[]> {
  const { serviceId, offices, mode, audience, except } = asked;
  const horizons = offices.map((o) => authority.service(o.id, serviceId)?.horizon ?? 0);
  const from = dayOf(now, authority.zone);
  const through = addDays(from, Math.ceil(Math.max(...horizons) / 1440));
  const wanted = { serviceId, officeIds: offices.map((o) => o.id), mode, audience, except };
  return (await timetable.offer(authority, { ...wanted, from, through })).slots;
}
