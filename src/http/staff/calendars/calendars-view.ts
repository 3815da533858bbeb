// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import { mayDo } from '../../../access/permissions.ts';
import { Config } from '../../../config.ts';
import { Registers } from '../../../database/registers.ts';
import { calendarStates, type CalendarState } from '../../../front-desk/calendar/states.ts';
import { FeedDesk } from '../../../front-desk/feed-desk.ts';
import { Consent } from '../../../google/consent.ts';
import type { KeyedCounter } from '../../../offices/authority.ts';
import { publicUrlOf } from '../../../offices/public-address.ts';
import { Clock, toMinute, type Millis } from '../../../time/clock.ts';
import { sayMoment } from '../../../time/say.ts';
import type { Answer } from '../../answer.ts';
import { Pages } from '../../page.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';
import { NOTHING_TYPED, ownOf, type CalendarTyped } from './calendar-form.ts';
import { countersOf, isManaged, mayDecide } from './counter-of.ts';

/** What the page of a counter says beside how things stand. */
export interface Said {
  readonly typed?: CalendarTyped;
  /** The input that is wrong. */
  readonly wrong?: 'calendario' | 'conto';
  /** A word of `calendars.done`, or of `calendars.failed`. */
  readonly done?: string;
  readonly failed?: string;
  /** Of a feed just made: seen this once. */
  readonly token?: string;
}

/** What staff see of the calendars of their counters. */
@Injectable()
export class CalendarsView {
  constructor(
    private readonly registers: Registers,
    private readonly feeds: FeedDesk,
    private readonly consent: Consent,
    private readonly pages: StaffPages,
    private readonly words: Pages,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  async list(setting: StaffSetting): Promise<Answer> {
    const { authority } = setting.at;
    const states = await calendarStates(this.registers, authority, this.clock.now());
    const feeds = await this.feeds.list(authority);
    const counters = countersOf(setting.staff, authority).map((counter) => ({
      id: counter.id,
      name: counter.name,
      calendar: this.#calendar(
        setting,
        states.find((state) => state.counter.key === counter.key),
      ),
      feeds: feeds.filter((feed) => feed.counter === counter.key).length,
    }));
    return this.pages.show('staff/calendars', setting, { counters });
  }

  async counter(setting: StaffSetting, counter: KeyedCounter, said: Said = {}): Promise<Answer> {
    const { authority } = setting.at;
    const states = await calendarStates(this.registers, authority, this.clock.now());
    const feeds = await this.feeds.list(authority, counter.key);
    const base = publicUrlOf(this.config.publicUrl, authority);
    const manages = isManaged(setting.staff, counter);
    const view = {
      counter: { id: counter.id, name: counter.name, staff: counter.staff ?? null },
      calendar: this.#calendar(
        setting,
        states.find((state) => state.counter.key === counter.key),
      ),
      manages,
      mayDecide: mayDecide(setting.staff, counter),
      serviceAccount: (manages && this.config.google.serviceAccount?.email) || null,
      oauth: this.consent.isPossible,
      feeds: feeds.map(({ id, createdAt, createdBy }) => ({ id, createdBy, since: this.#when(setting, createdAt) })),
      feedAddress: said.token === undefined ? null : `${base}/calendario/${said.token}.ics`,
      typed: said.typed ?? (manages ? NOTHING_TYPED : ownOf({ ...NOTHING_TYPED, calendario: setting.staff.email })),
      mayDelegate: mayDo(setting.staff, 'edit-authority'),
      problems: said.wrong ? [{ id: said.wrong, text: this.#words(setting, `calendars.wrong.${said.wrong}`) }] : [],
      done: said.done ?? null,
      failed: said.failed ?? null,
    };
    return this.pages.show('staff/calendar', setting, view, { status: said.wrong ? 422 : 200 });
  }

  #calendar(setting: StaffSetting, state: CalendarState | undefined) {
    if (!state) return null;
    const { counter, link, standing, syncedAt } = state;
    const { id, access, as } = counter.googleCalendar!;
    return {
      id,
      access,
      as: as ?? null,
      standing: link?.state === 'leaving' ? 'leaving' : isUnconnected(state) ? 'unconnected' : standing,
      since: syncedAt ? this.#when(setting, syncedAt) : null,
      error: link?.error ?? null,
      connected: Boolean(link?.refreshToken),
    };
  }

  #when({ at, visit }: StaffSetting, moment: Millis): string {
    const minute = Math.floor(toMinute(moment));
    return sayMoment(minute, at.authority.zone, visit.language, Math.floor(toMinute(this.clock.now())));
  }

  #words({ visit }: StaffSetting, key: string): string {
    return this.words.words(visit.language)(key);
  }
}

/** A person's calendar into which the person has not let us yet. */
const isUnconnected = ({ counter, link }: CalendarState): boolean =>
  counter.googleCalendar?.access === 'oauth' && !link?.refreshToken;
