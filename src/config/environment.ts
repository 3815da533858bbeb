// SPDX-License-Identifier: AGPL-3.0-or-later

/** A value of the environment that cannot be meant; its message is one sentence naming it. */
export class ConfigError extends Error {}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @returns the text without a slash at its end @throws ConfigError */
export function urlOf(name: string, text: string, protocols: readonly string[]): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !protocols.includes(url.protocol) || !url.hostname)
    throw new ConfigError(`${name} is not a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`);
  return text.replace(/\/+$/, '');
}

/** Several names of the environment that say one thing. @throws ConfigError when some are missing */
export function together<Name extends string>(env: Environment, ...names: Name[]): Record<Name, string> | undefined {
  const given = names.filter((name) => env[name]);
  if (!given.length) return undefined;
  if (given.length < names.length) throw new ConfigError(`${names.join(', ')} go together`);
  return Object.fromEntries(names.map((name) => [name, env[name]!])) as Record<Name, string>;
}
