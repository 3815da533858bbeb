// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Chance } from '../../bookings/chance.ts';
import { sha256 } from '../../bookings/token.ts';
import { Config } from '../../config.ts';
import { Drafts, FORM_KEPT_MS } from '../../database/drafts.ts';
import { publicUrlOf } from '../../offices/public-address.ts';
import type { Authority } from '../../offices/authority.ts';
import { MODES } from '../../offices/definition.ts';
import type { Visit } from '../visit.ts';

/** As long as a second press of the button, or a reload, may come: then a shared computer tells nobody. */
const DONE_KEPT_MS = 5 * 60_000;
/** 256 bits in base64url. */
const NAME = /^[\w-]{43}$/;

const Answers = z.object({
  /** What was in the address when the time was chosen: the way back to the first two steps. */
  ufficio: z.string(),
  sede: z.string(),
  serviceId: z.string(),
  officeId: z.string(),
  start: z.number(),
  mode: z.enum(MODES),
  hold: z.object({ id: z.string(), secret: z.string(), expiresAt: z.number() }).nullable(),
  /** Idempotency key of the booking this form is for. */
  key: z.string(),
  reason: z.string(),
  fields: z.record(z.string(), z.string()),
  caseNumber: z.string(),
  givenName: z.string(),
  familyName: z.string(),
  email: z.string(),
  phone: z.string(),
});

/** A form on its way: what the citizen has said so far, right or wrong. */
export type Answers = z.infer<typeof Answers>;

/** A form that became a booking keeps nothing of the citizen but the way to the confirmation. */
const Done = z.object({ reference: z.string() });

export type Draft = { readonly answers: Answers } | { readonly reference: string };

/** The form between two pages: a random name in a cookie, the answers in the database under its hash. */
@Injectable()
export class FormMemory {
  constructor(
    private readonly drafts: Drafts,
    private readonly chance: Chance,
    private readonly config: Config,
  ) {}

  async read(authority: Authority, visit: Visit): Promise<Draft | null> {
    const name = this.#nameIn(authority, visit);
    const kept = name && (await this.drafts.read(keyOf(authority, name)));
    if (!kept) return null;
    const done = Done.safeParse(kept.answers);
    if (done.success) return done.data;
    const answers = Answers.safeParse(kept.answers);
    return answers.success ? { answers: answers.data } : null;
  }

  /** Of a form on its way; null when there is none. */
  async answers(authority: Authority, visit: Visit): Promise<Answers | null> {
    const draft = await this.read(authority, visit);
    return draft && 'answers' in draft ? draft.answers : null;
  }

  /** @returns the cookie to set. */
  async keep(authority: Authority, visit: Visit, answers: Answers): Promise<string> {
    const name = this.#nameIn(authority, visit) ?? this.newKey();
    await this.drafts.write(keyOf(authority, name), authority.id, answers);
    return this.#cookie(authority, name);
  }

  async finish(authority: Authority, visit: Visit, reference: string): Promise<void> {
    const name = this.#nameIn(authority, visit);
    if (!name) return;
    await this.drafts.write(keyOf(authority, name), authority.id, { reference }, DONE_KEPT_MS);
  }

  newKey(): string {
    return this.chance.text(32);
  }

  /** Only such as we give: two who were made to bring an empty or a short one would share a form. */
  #nameIn(authority: Authority, visit: Visit): string | null {
    const name = visit.cookie(this.#cookieName(authority));
    return name && NAME.test(name) ? name : null;
  }

  #cookie(authority: Authority, name: string): string {
    const secure = this.#isHttps(authority) ? '; Secure' : '';
    return `${this.#cookieName(authority)}=${name}; Path=/; Max-Age=${FORM_KEPT_MS / 1000}; HttpOnly; SameSite=Lax${secure}`;
  }

  #cookieName(authority: Authority): string {
    return this.#isHttps(authority) ? '__Host-sportello-form' : 'sportello-form';
  }

  #isHttps(authority: Authority): boolean {
    return publicUrlOf(this.config.publicUrl, authority).startsWith('https:');
  }
}

const keyOf = (authority: Authority, name: string): string => sha256(`${authority.id}/${name}`);
