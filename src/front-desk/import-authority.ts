// SPDX-License-Identifier: AGPL-3.0-or-later
import { carryRetired, changesBetween } from '../authority-file/changes.ts';
import { readAuthorityFile } from '../authority-file/read.ts';
import type { Authorities } from '../database/authorities.ts';
import type { AuthorityDefinition } from '../offices/definition.ts';
import { lackingIn, type Configured } from '../video/providers.ts';

/**
 * Loads an authority or brings it up to date; its bookings are not touched.
 * @param video the providers of video calls that the environment says how to reach
 * @returns what changed, a line each, and what should be looked at
 * @throws AuthorityFileError for a file with faults, which changes nothing
 */
export async function importAuthority(
  authorities: Authorities,
  text: string,
  video: Configured = {},
): Promise<string[]> {
  const read = readAuthorityFile(text);
  const all = await authorities.all();
  const old = all.find((a) => a.id === read.id)?.definition ?? null;
  const now = carryRetired(old, read);
  refuseForeignHosts(
    now,
    all.map((a) => a.definition),
  );
  const changes = [
    ...changesBetween(old, now),
    ...warningsOf(now, all.length > (old ? 1 : 0)),
    ...videoWarnings(now, video),
  ];
  if (!old || JSON.stringify(old) !== JSON.stringify(now)) await authorities.save(now);
  return changes;
}

/** With several authorities the links in letters must name their own, or they lead to another's door. */
const warningsOf = ({ publicUrl }: AuthorityDefinition, amongOthers: boolean): string[] =>
  amongOthers && !publicUrl ? ['warning: no public_url, so links in letters start with PUBLIC_URL; name its own'] : [];

/** No refusal: the same file serves a try-out without the keys, and every call is held all the same. */
const videoWarnings = (definition: AuthorityDefinition, video: Configured): string[] =>
  lackingIn(definition, video).map(
    (name) => `warning: video ${name} is not set up here (docs/video.md), so its calls are held in our own room`,
  );

/** A host name leads to one authority. */
function refuseForeignHosts(definition: AuthorityDefinition, all: readonly AuthorityDefinition[]): void {
  const mine = hostsOf(definition);
  for (const other of all.filter((a) => a.id !== definition.id)) {
    const host = hostsOf(other).find((h) => mine.includes(h));
    if (host) throw new Error(`the host ${host} already leads to the authority ${other.id}; nothing was changed`);
  }
}

const hostsOf = (a: AuthorityDefinition): string[] => [...a.hosts, ...a.municipalities.flatMap((m) => m.hosts)];
