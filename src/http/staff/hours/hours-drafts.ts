// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Staff } from '../../../access/staff.ts';
import { Chance } from '../../../bookings/chance.ts';
import { sha256 } from '../../../bookings/token.ts';
import { Drafts } from '../../../database/drafts.ts';

const Target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('office'), office: z.string() }),
  z.object({ kind: z.literal('service'), office: z.string(), id: z.string().nullable() }),
  z.object({ kind: z.literal('counter'), id: z.string().nullable() }),
  z.object({ kind: z.literal('authority') }),
  z.object({ kind: z.literal('closing') }),
]);

const Done = z.object({
  kept: z.number(),
  cancelled: z.number(),
  moved: z.number(),
  /** References of those that could not be moved. */
  notMoved: z.array(z.string()),
});

const HoursDraft = z.object({
  target: Target,
  typed: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  /** Hash of what was there when the form was opened: another one means that somebody else has changed it. */
  base: z.string(),
  /** Sent, and not only one row longer: what is wrong is told. */
  tried: z.boolean(),
  removing: z.boolean(),
  /** What the preview's form said, by name; null before it was sent. */
  decided: z.record(z.string(), z.string()).nullable(),
  /** Something changed between the preview and its button. */
  overtaken: z.boolean(),
  done: Done.nullable(),
});

/** An edit of the hours on its way from the form by its preview to what was done. */
export type HoursDraft = z.infer<typeof HoursDraft>;

/** 192 bits in base64url. */
const NAME = /^[\w-]{32}$/;

/** Edits on their way, each known by a random name in the address and only to whoever makes it. */
@Injectable()
export class HoursDrafts {
  constructor(
    private readonly drafts: Drafts,
    private readonly chance: Chance,
  ) {}

  async read(staff: Staff, name: string): Promise<HoursDraft | null> {
    const kept = NAME.test(name) ? await this.drafts.read(keyOf(staff, name)) : null;
    const draft = HoursDraft.safeParse(kept?.answers);
    return draft.success ? draft.data : null;
  }

  /** @param name of the draft that goes on; a new one otherwise. @returns its name. */
  async keep(staff: Staff, draft: HoursDraft, name = ''): Promise<string> {
    const known = NAME.test(name) ? name : this.chance.text(24);
    await this.drafts.write(keyOf(staff, known), staff.authorityId, draft);
    return known;
  }
}

const keyOf = (staff: Staff, name: string): string => sha256(`${staff.id}/${name}`);
