// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Registers } from '../database/registers.ts';
import { BookingDesk } from '../front-desk/booking-desk.ts';
import { Forgetting } from '../front-desk/forgetting.ts';
import { Clock } from '../time/clock.ts';
import { afterEachAnswer, routeOf } from './logging.ts';

/** From the blink of a slot list to a database in trouble, in seconds. */
const DURATIONS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 2.5, 5, 10];

/** What Prometheus reads: counts and durations, nothing of a person. */
@Injectable()
export class Metrics {
  readonly #registry = new Registry();
  readonly #durations: Histogram<'route' | 'method' | 'status'>;
  readonly #limited: Counter;
  readonly #pending: Gauge;
  readonly #oldest: Gauge;
  readonly #dead: Gauge;
  readonly #calendarLag: Gauge;
  readonly #calendarsShut: Gauge;
  readonly #eventsPending: Gauge;
  readonly #eventsDead: Gauge;
  #withProcess = false;

  constructor(
    private readonly desk: BookingDesk,
    private readonly registers: Registers,
    private readonly forgetting: Forgetting,
    private readonly clock: Clock,
  ) {
    this.#durations = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time to answer, by route pattern.',
      labelNames: ['route', 'method', 'status'],
      buckets: DURATIONS,
      registers: [this.#registry],
    });
    this.#limited = new Counter({
      name: 'rate_limited_total',
      help: 'Requests refused with 429.',
      registers: [this.#registry],
    });
    this.#countTheDesks();
    const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [this.#registry] });
    this.#pending = gauge('outbox_pending', 'Letters due and not yet sent.');
    this.#oldest = gauge('outbox_oldest_age_seconds', 'How long the oldest letter has been due.');
    this.#dead = gauge('outbox_dead', 'Letters given up.');
    this.#calendarLag = gauge('gcal_sync_lag_seconds', 'Since the Google Calendar longest unread was read.');
    this.#calendarsShut = gauge('gcal_needs_reauth', 'Google Calendars that let us in no longer.');
    this.#eventsPending = gauge('gcal_events_pending', 'Events due and not yet written into their calendar.');
    this.#eventsDead = gauge('gcal_events_dead', 'Events given up.');
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    if (!this.#withProcess) collectDefaultMetrics({ register: this.#registry });
    this.#withProcess = true;
    await this.#readOutbox();
    await this.#readCalendars();
    return this.#registry.metrics();
  }

  watch(fastify: FastifyInstance): void {
    afterEachAnswer(fastify, (request, reply) => {
      const labels = { route: routeOf(request), method: request.method, status: String(reply.statusCode) };
      this.#durations.observe(labels, reply.elapsedTime / 1000);
      if (reply.statusCode === 429) this.#limited.inc();
    });
  }

  /** The desks keep count themselves and know nothing of Prometheus: their numbers are copied when it asks. */
  #countTheDesks(): void {
    const total = (name: string, help: string, copy: (counter: Counter<'result'>) => void) =>
      new Counter({
        name,
        help,
        labelNames: ['result'] as const,
        registers: [this.#registry],
        collect() {
          this.reset();
          copy(this);
        },
      });
    const { results } = this.desk;
    const { claims, database } = this.registers;
    total('booking_attempts_total', 'Attempts to book, by how they ended.', (counter) =>
      results.forEach((count, result) => counter.inc({ result }, count)),
    );
    total('slot_claim_conflicts_total', 'Claims that met another.', (counter) => counter.inc(claims.conflicts));
    total('retention_rows_anonymised_total', 'Bookings of which it was forgotten whose they were.', (counter) =>
      counter.inc(this.forgetting.anonymised),
    );
    total('db_tx_retries_total', 'Transactions tried again.', (counter) => counter.inc(database.retries));
  }

  /** NaN where the database does not answer: an absent number must not look like a good one. */
  async #readOutbox(): Promise<void> {
    const state = await this.registers.outbox.state(this.clock.now(), 'letters').catch(() => null);
    this.#pending.set(state?.pending ?? NaN);
    this.#dead.set(state?.dead ?? NaN);
    this.#oldest.set(state ? state.oldest / 1000 : NaN);
  }

  async #readCalendars(): Promise<void> {
    const state = await this.registers.calendarPulls.state(this.clock.now()).catch(() => null);
    this.#calendarLag.set(state ? state.lag / 1000 : NaN);
    this.#calendarsShut.set(state?.shut ?? NaN);
    const events = await this.registers.outbox.state(this.clock.now(), 'events').catch(() => null);
    this.#eventsPending.set(events?.pending ?? NaN);
    this.#eventsDead.set(events?.dead ?? NaN);
  }
}
