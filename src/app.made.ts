// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Provider } from '@nestjs/common';

/** A provider made by its constructor, from these. */
export const made = <T>(provide: new (...args: never[]) => T, ...inject: unknown[]): Provider => ({
  provide,
  inject: inject as never[],
  useFactory: (...args: never[]) => new provide(...args),
});
