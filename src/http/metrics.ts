// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Registers } from '../database/registers.ts';
import { BookingDesk } from '../front-desk/booking-desk.ts';
import { Forgetting } from '../front-desk/forgetting.ts';
import { LiveServer } from '../live/live-server.ts';
import { Clock, toMinute } from '../time/clock.ts';
import { afterEachAnswer, routeOf } from './logging.ts';

/** From the blink of a slot list to a database in trouble, in seconds. */
const DURATIONS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 2.5, 5, 10];

/** What Prometheus reads: counts and durations, nothing of a person. */
@Injectable()
export class Metrics {
  readonly #registry = new Registry();
  readonly #durations: Histogram<'route' | 'method' | 'status'>;
  readonly #limited: Counter;
  readonly #offset: Gauge;
  readonly #pending: Gauge;
  readonly #oldest: Gauge;
  readonly #dead: Gauge;
  readonly #calendarLag: Gauge;
  readonly #calendarsShut: Gauge;
  readonly #eventsPending: Gauge;
  readonly #eventsDead: Gauge;
  readonly #roomsPending: Gauge;
  readonly #roomsRefused: Gauge;
  readonly #open: Gauge<'of'>;
  readonly #redis: Gauge<'of'>;
  #withProcess = false;

  constructor(
    private readonly desk: BookingDesk,
    private readonly registers: Registers,
    private readonly forgetting: Forgetting,
    private readonly live: LiveServer,
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
    const unless = { labelNames: ['of'] as const, registers: [this.#registry] };
    this.#open = new Gauge({
      name: 'live_connections',
      help: 'Open pages that hear of changes, by whose they are.',
      ...unless,
    });
    this.#redis = new Gauge({
      name: 'live_redis_up',
      help: 'Whether live events reach the other instances.',
      ...unless,
    });
    this.#offset = gauge('clock_offset_seconds', "How far this instance's clock is before the database's.");
    this.#pending = gauge('outbox_pending', 'Letters due and not yet sent.');
    this.#oldest = gauge('outbox_oldest_age_seconds', 'How long the oldest letter has been due.');
    this.#dead = gauge('outbox_dead', 'Letters given up.');
    this.#calendarLag = gauge('gcal_sync_lag_seconds', 'Since the Google Calendar longest unread was read.');
    this.#calendarsShut = gauge('gcal_needs_reauth', 'Google Calendars that let us in no longer.');
    this.#eventsPending = gauge('gcal_events_pending', 'Events due and not yet written into their calendar.');
    this.#eventsDead = gauge('gcal_events_dead', 'Events given up.');
    this.#roomsPending = gauge('video_rooms_pending', 'Rooms due and not yet made by their provider.');
    this.#roomsRefused = gauge(
      'video_rooms_refused',
      'Calls to come held in our own room, for their provider refused.',
    );
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    if (!this.#withProcess) collectDefaultMetrics({ register: this.#registry });
    this.#withProcess = true;
    this.#countOpenPages();
    await this.#readClock();
    await this.#readOutbox();
    await this.#readCalendars();
    await this.#readRooms();
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

  #countOpenPages(): void {
    for (const [of, count] of Object.entries(this.live.counts)) this.#open.set({ of }, count);
    // Without Redis there is nothing to be up.
    if (this.live.isLineUp !== null) this.#redis.set(this.live.isLineUp ? 1 : 0);
  }

  /** Whether somebody who waits is gone is judged by each instance's own clock: twenty seconds apart they disagree. */
  async #readClock(): Promise<void> {
    const { database } = this.registers;
    const [row] = await database.rows<{ now: number }>(`SELECT ${database.time} AS now`).catch(() => []);
    this.#offset.set(row ? (this.clock.now() - Number(row.now)) / 1000 : NaN);
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

  async #readRooms(): Promise<void> {
    const { outbox, rooms } = this.registers;
    const now = this.clock.now();
    const state = await outbox.state(now, 'rooms').catch(() => null);
    this.#roomsPending.set(state?.pending ?? NaN);
    this.#roomsRefused.set(await rooms.failures(Math.floor(toMinute(now))).catch(() => NaN));
  }
}
