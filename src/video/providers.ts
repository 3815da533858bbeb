// SPDX-License-Identifier: AGPL-3.0-or-later
import type { AuthorityDefinition, VideoProvider } from '../offices/definition.ts';
import type { Provider } from './provider.ts';

const FIXED_URL: Provider = { name: 'url', enter: ({ fixedUrl }) => Promise.resolve(fixedUrl) };
/** Google makes the room with the event; the courier that writes the event keeps it. */
const MEET: Provider = { name: 'meet', enter: ({ calendarUrl }) => Promise.resolve(calendarUrl) };

const NEEDS_NOTHING: readonly VideoProvider[] = ['builtin', 'url', 'meet'];

/** What the environment says of each provider, if it does. */
export type Configured = Readonly<Partial<Record<VideoProvider, unknown>>>;

/** Who can carry a call here, beside our own room. */
export class Providers {
  readonly #byName: ReadonlyMap<VideoProvider, Provider>;

  /** @param configured those the environment says how to reach */
  constructor(configured: readonly Provider[]) {
    this.#byName = new Map([FIXED_URL, MEET, ...configured].map((provider) => [provider.name, provider]));
  }

  of(name: VideoProvider): Provider | undefined {
    return this.#byName.get(name);
  }
}

/** Whom services name and the environment does not say how to reach: our own room stands in. */
export function lackingIn({ offices }: AuthorityDefinition, configured: Configured): VideoProvider[] {
  const services = offices.filter((o) => !o.retired).flatMap((o) => o.services.filter((s) => !s.retired));
  const named = new Set(services.map(({ video }) => video));
  return [...named].filter((name) => !NEEDS_NOTHING.includes(name) && !configured[name]);
}
