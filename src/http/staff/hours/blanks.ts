// SPDX-License-Identifier: AGPL-3.0-or-later
import {
  AUDIENCES,
  CALENDAR_DELETIONS,
  CALENDAR_SHOWS,
  MODES,
  VIDEO_PROVIDERS,
  type Office,
} from '../../../offices/definition.ts';
import { WEEKDAYS } from '../../../time/day.ts';
import type { Say } from '../../page.ts';
import type { Entry, EntryKind, Option, Rows, Section, Blank } from './blank.ts';

/** The fields whose label does not say it all. */
const HINTED = new Set([
  'opening_hours',
  'reception_hours',
  'openings',
  'closures',
  'slot_step',
  'opens',
  'closes',
  'valid_through',
  'duration',
  'buffer_after',
  'needs',
  'notice',
  'horizon',
  'confirmation',
  'cancel_until',
  'reminders',
  'limits.per_person',
  'limits.per',
  'fields',
  'options',
  'answer_within',
  'reception_patience',
  'patron_saint.date',
  'serves',
  'municipalities',
  'reason',
  'email',
  'staff',
  'video_url',
]);

/** The forms that edit an authority, in the visitor's words: every key of the contract that is not the administrator's file alone. */
export class Blanks {
  constructor(private readonly t: Say) {}

  office(): Blank {
    return [
      this.#section('week', [this.#hours('opening_hours'), this.#entry('slot_step', 'length', { required: true })]),
      this.#section('extraordinary', [this.#openings(), this.#closures()]),
      this.#section('reception', [
        this.#entry('reception', 'choice', { options: this.#options('reception', ['same', 'own']), usual: 'same' }),
        this.#hours('reception_hours'),
        this.#entry('reception_patience', 'length', { usual: 'PT5M' }),
      ]),
      this.#section('contacts', [
        this.#entry('name', 'text', { required: true }),
        this.#entry('address', 'text', { required: true }),
        this.#entry('email', 'email'),
        this.#entry('phone', 'text'),
      ]),
      this.#section('answers', [
        this.#entry('answer_within', 'length', { usual: 'P3D' }),
        this.#choice('calendar_deletion', CALENDAR_DELETIONS, 'ask'),
        this.#choice('calendar_shows', CALENDAR_SHOWS, 'reference'),
      ]),
    ];
  }

  service(): Blank {
    return [
      this.#section('service', [
        this.#entry('name', 'text', { required: true }),
        this.#entry('description', 'area'),
        this.#entry('duration', 'length', { required: true }),
        this.#entry('buffer_after', 'length', { usual: 'PT0M' }),
        this.#many('modes', MODES, ['in_person']),
        this.#choice('video', VIDEO_PROVIDERS, 'builtin'),
        this.#entry('video_url', 'text'),
        this.#many('audience', AUDIENCES, AUDIENCES),
        this.#entry('needs', 'lines'),
      ]),
      this.#section('booking', [
        this.#entry('notice', 'length', { usual: 'PT0M' }),
        this.#entry('horizon', 'length', { usual: 'P90D' }),
        this.#choice('confirmation', ['automatic', 'staff'], 'automatic'),
        this.#entry('cancel_until', 'length', { usual: 'PT0M' }),
        this.#entry('reminders', 'lengths', { usual: 'P3D, PT2H' }),
        this.#entry('limits.per_person', 'number'),
        this.#entry('limits.per', 'length'),
      ]),
      this.#section('own-hours', [{ ...this.#hours('opening_hours'), hint: this.t('hours.own-hours.hint') }]),
      this.#section('questions', [this.#questions()]),
    ];
  }

  /** @param offices whose services may be given there */
  counter(offices: readonly Office[]): Blank {
    const services = offices.flatMap((office) =>
      office.services.map((service) => ({
        value: `${office.id}/${service.id}`,
        text: `${service.name} (${office.name})`,
      })),
    );
    const seat = [
      this.#entry('services', 'many', { options: services, required: true }),
      this.#entry('days', 'many', { options: this.#options('days', WEEKDAYS), hint: this.t('hours.days.hint') }),
    ];
    return [
      this.#section('counter', [this.#entry('name', 'text', { required: true }), this.#entry('staff', 'email')]),
      this.#section('seats', [this.#rows('serves', seat)]),
    ];
  }

  authority(): Blank {
    const municipality = [
      this.#entry('id', 'hidden'),
      this.#entry('name', 'text', { required: true }),
      this.#entry('patron_saint.date', 'yearly'),
      this.#entry('patron_saint.name', 'text'),
    ];
    const towns: Rows = {
      rows: 'municipalities',
      title: this.t('hours.municipalities'),
      hint: this.#hint('municipalities'),
      entries: municipality,
    };
    return [this.#section('everywhere', [this.#closures()]), this.#section('patrons', [towns])];
  }

  /** @param offices where a day can be closed; with a first one that stands for all, where that is allowed */
  closing(offices: readonly Option[]): Blank {
    const only = offices.length === 1 ? offices[0] : undefined;
    return [
      this.#section('closing', [
        this.#entry('office', 'choice', { options: offices, required: true, usual: only?.value }),
        this.#entry('from', 'day', { required: true }),
        this.#entry('through', 'day', { hint: this.t('hours.through.hint') }),
        this.#entry('reason', 'text', { required: true }),
      ]),
    ];
  }

  #hours(key: string): Rows {
    return this.#rows(key, [
      this.#entry('days', 'many', { options: this.#options('days', WEEKDAYS), required: true }),
      ...this.#times(),
      this.#entry('valid_from', 'day'),
      this.#entry('valid_through', 'day'),
      this.#audience(),
    ]);
  }

  #openings(): Rows {
    return this.#rows('openings', [this.#entry('date', 'day', { required: true }), ...this.#times(), this.#audience()]);
  }

  #closures(): Rows {
    const days = [this.#entry('from', 'day', { required: true }), this.#entry('through', 'day', { required: true })];
    return this.#rows('closures', [...days, this.#entry('reason', 'text', { required: true })]);
  }

  #questions(): Rows {
    return this.#rows('fields', [
      this.#entry('id', 'hidden'),
      this.#entry('label', 'text', { required: true }),
      this.#choice('type', ['text', 'number', 'choice'], 'text'),
      this.#entry('required', 'flag'),
      this.#entry('options', 'lines'),
    ]);
  }

  #times(): Entry[] {
    return [this.#entry('opens', 'time', { required: true }), this.#entry('closes', 'time', { required: true })];
  }

  #audience(): Entry {
    return this.#many('audience', AUDIENCES, AUDIENCES);
  }

  #many(key: string, values: readonly string[], usual: readonly string[]): Entry {
    return this.#entry(key, 'many', { options: this.#options(key, values), usual });
  }

  #choice(key: string, values: readonly string[], usual: string): Entry {
    return this.#entry(key, 'choice', { options: this.#options(key, values), usual });
  }

  #entry(key: string, kind: EntryKind, more: Partial<Entry> = {}): Entry {
    return { key, kind, label: this.t(`hours.${key}`), hint: this.#hint(key), ...more };
  }

  #rows(key: string, entries: readonly Entry[]): Rows {
    const add = this.t(`hours.${key}.add`);
    return { rows: key, title: this.t(`hours.${key}`), hint: this.#hint(key), add, entries };
  }

  #hint(key: string): string | undefined {
    return HINTED.has(key) ? this.t(`hours.${key}.hint`) : undefined;
  }

  #section(name: string, parts: readonly (Entry | Rows)[]): Section {
    return { title: this.t(`hours.section.${name}`), parts };
  }

  #options(key: string, values: readonly string[]): Option[] {
    return values.map((value) => ({ value, text: this.t(`hours.${key}.${value}`) }));
  }
}
