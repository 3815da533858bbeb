// SPDX-License-Identifier: AGPL-3.0-or-later
import { z } from 'zod';
import type { Path } from './problem.ts';

type Say = (path: Path, detail: string) => void;

/** Whatever is not the text it should be is the schema's affair; here it is passed over, so both speak at once. */
const word = z.string().trim().optional().catch(undefined);
const listOf = <T extends z.ZodType>(item: T) => z.array(item).default([]).catch([]);
const named = <S extends z.ZodRawShape>(shape: S) => z.object({ id: word, ...shape });

const skeleton = z.object({
  authority: z.object({ hosts: listOf(word) }).catch({ hosts: [] }),
  municipalities: listOf(named({ hosts: listOf(word) }).catch({ hosts: [] })),
  offices: listOf(
    named({
      municipality: word,
      services: listOf(named({ fields: listOf(named({}).catch({})) }).catch({ fields: [] })),
    }).catch({ services: [] }),
  ),
  counters: listOf(
    named({
      serves: listOf(z.object({ office: word, services: listOf(word) }).catch({ services: [] })),
    }).catch({ serves: [] }),
  ),
  staff: listOf(z.object({ offices: listOf(word) }).catch({ offices: [] })),
});

type Skeleton = z.infer<typeof skeleton>;

/** Names given twice, and names that name nothing. */
export function checkNames(data: unknown, say: Say): void {
  const file = skeleton.safeParse(data).data;
  if (!file) return;
  checkTwice(file, say);
  checkOffices(file, say);
  checkCounters(file, say);
  checkStaff(file, say);
}

function checkTwice({ authority, municipalities, offices, counters }: Skeleton, say: Say): void {
  refuseTwice(municipalities, ['municipalities'], say);
  refuseTwice(offices, ['offices'], say);
  refuseTwice(counters, ['counters'], say);
  offices.forEach(({ services }, o) => {
    refuseTwice(services, ['offices', o, 'services'], say);
    services.forEach(({ fields }, s) => refuseTwice(fields, ['offices', o, 'services', s, 'fields'], say));
  });
  const seen = new Set<string>();
  const hosts = (path: Path, names: readonly (string | undefined)[]) =>
    names.forEach((name, i) => {
      if (!name) return;
      if (seen.has(name.toLowerCase())) say([...path, i], `The host "${name}" stands in this file twice.`);
      seen.add(name.toLowerCase());
    });
  hosts(['authority', 'hosts'], authority.hosts);
  municipalities.forEach((m, i) => hosts(['municipalities', i, 'hosts'], m.hosts));
}

function refuseTwice(items: readonly { id?: string | undefined }[], path: Path, say: Say): void {
  const seen = new Set<string>();
  items.forEach(({ id }, i) => {
    if (id === undefined) return;
    if (seen.has(id)) say([...path, i, 'id'], `The id "${id}" is already taken by another one of these.`);
    seen.add(id);
  });
}

function checkOffices({ municipalities, offices }: Skeleton, say: Say): void {
  offices.forEach(({ municipality }, i) => {
    if (municipality !== undefined && !municipalities.some((m) => m.id === municipality))
      say(['offices', i, 'municipality'], `No municipality of this file has the id "${municipality}".`);
  });
}

function checkCounters({ offices, counters }: Skeleton, say: Say): void {
  counters.forEach(({ serves }, c) =>
    serves.forEach((seat, s) => {
      if (seat.office === undefined) return;
      const path = ['counters', c, 'serves', s];
      const office = offices.find((o) => o.id === seat.office);
      if (!office) return say([...path, 'office'], `No office of this file has the id "${seat.office}".`);
      seat.services.forEach((id, i) => {
        if (id !== undefined && !office.services.some((service) => service.id === id))
          say([...path, 'services', i], `The office "${seat.office}" has no service with the id "${id}".`);
      });
    }),
  );
}

function checkStaff({ offices, staff }: Skeleton, say: Say): void {
  staff.forEach((grant, g) =>
    grant.offices.forEach((id, i) => {
      if (id !== undefined && !offices.some((office) => office.id === id))
        say(['staff', g, 'offices', i], `No office of this file has the id "${id}".`);
    }),
  );
}
