// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Chance } from '../../../src/bookings/chance.ts';

export type Operation =
  'insert' | 'get' | 'patch' | 'delete' | 'list' | 'watch' | 'stop' | 'freeBusy' | 'token' | 'revoke' | 'consent';

/**
 * What goes wrong with one request. Google's answers do not lie, so `404`, `409`, `410` and `412` first make true what
 * they say: the event is purged, made by an insert whose answer was lost, deleted, edited by somebody.
 */
export type FaultKind =
  | '400'
  | '401'
  | 'forbidden'
  | 'quota'
  | '404'
  | '409'
  | '410'
  | '412'
  | '429'
  | '500'
  | '503'
  /** 200 with a page for people. */
  | 'html'
  /** 200 with half a body; nothing was changed. */
  | 'truncated'
  /** The connection breaks before anything is done. */
  | 'reset'
  /** The connection stays open and silent, nothing is done. */
  | 'silent'
  /** All is done, and then the connection breaks. */
  | 'lost';

export interface Fault {
  kind: FaultKind;
  /** The operations it is for; any of the calendar's when absent. */
  on?: Operation | Operation[];
  calendar?: string;
  /** Seconds, for `429`, `quota` and `503`. */
  retryAfter?: number;
  /** How many requests it is for, 1 when absent. */
  times?: number;
}

/** Operations a fault may fall upon when it is not said: a token endpoint fails when asked to, or by chance. */
const CALENDAR: Operation[] = ['insert', 'get', 'patch', 'delete', 'list', 'watch', 'freeBusy'];
/** The faults that make sense for an operation, for a history drawn from a seed. */
const TOKEN: FaultKind[] = ['429', '500', '503', 'html', 'truncated', 'reset', 'silent'];
const ANY: FaultKind[] = [...TOKEN, '401', 'quota', 'forbidden', 'lost'];
const ALSO: Partial<Record<Operation, FaultKind[]>> = {
  insert: ['409'],
  patch: ['404', '410', '412'],
  delete: ['404', '410'],
  get: ['404', '410'],
  list: ['410'],
};

/** Which request goes wrong, and how: those asked for in order, and as many more as chance will have it. */
export class Faults {
  readonly #queue: Fault[] = [];
  #chance: Chance | undefined;
  #share = 0;
  #kinds: FaultKind[] | undefined;

  add(...faults: Fault[]): void {
    this.#queue.push(...faults.map((fault) => ({ ...fault })));
  }

  /** From now on this share of the requests goes wrong, drawn from `chance`; share 0 ends it. */
  random(chance: Chance, share: number, kinds?: FaultKind[]): void {
    [this.#chance, this.#share, this.#kinds] = [chance, share, kinds];
  }

  clear(): void {
    this.#queue.length = 0;
    this.#share = 0;
  }

  get left(): number {
    return this.#queue.length;
  }

  next(operation: Operation, calendar?: string): Fault | undefined {
    const place = this.#queue.findIndex((fault) => isFor(fault, operation, calendar));
    const fault = this.#queue[place];
    if (!fault) return this.#drawn(operation);
    fault.times = (fault.times ?? 1) - 1;
    if (fault.times === 0) this.#queue.splice(place, 1);
    return fault;
  }

  #drawn(operation: Operation): Fault | undefined {
    if (!this.#chance || !this.#share || ![...CALENDAR, 'token'].includes(operation)) return undefined;
    const [first = 0, second = 0, third = 0] = this.#chance.bytes(3);
    if ((first * 256 + second) / 65536 >= this.#share) return undefined;
    const possible = operation === 'token' ? TOKEN : [...ANY, ...(ALSO[operation] ?? [])];
    const kinds = this.#kinds ? possible.filter((kind) => this.#kinds!.includes(kind)) : possible;
    const kind = kinds[third % kinds.length];
    return kind && { kind, retryAfter: kind === '429' ? 1 + (third % 30) : undefined };
  }
}

const isFor = (fault: Fault, operation: Operation, calendar?: string): boolean =>
  [fault.on ?? CALENDAR].flat().includes(operation) && (!fault.calendar || fault.calendar === calendar);
