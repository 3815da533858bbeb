// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { throwError, timeout, type Observable } from 'rxjs';
import { Refusal } from '../bookings/refusal.ts';
import type { Millis } from '../time/clock.ts';

/** A little more than the database has for one statement. */
const PATIENCE_MS: Millis = 10_000;

/** Nobody waits for ever at a door: a database that has frozen refuses nothing by itself. */
@Injectable()
export class Patience implements NestInterceptor {
  /** @throws Refusal `unavailable`. What was begun ends by itself; a repeat with the same key finds it. */
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next
      .handle()
      .pipe(timeout({ first: PATIENCE_MS, with: () => throwError(() => new Refusal('unavailable')) }));
  }
}
