// SPDX-License-Identifier: AGPL-3.0-or-later

const LONGEST = 50;
/** The first is a word of addresses, the second one that every object knows already. */
const RESERVED = ['nuovo', 'constructor'];

/** An id made of a name that none of these has: `Rilascio di copie` is `rilascio-di-copie`, the next `rilascio-di-copie-2`. */
export function freshId(name: string, taken: readonly { readonly id: string }[], joint: '-' | '_'): string {
  const letters = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const words = letters.replace(/[^a-z0-9]+/g, joint).slice(0, LONGEST);
  const plain = words.replace(new RegExp(`^[${joint}\\d]+|${joint}+$`, 'g'), '') || 'altro';
  const isTaken = (id: string) => RESERVED.includes(id) || taken.some((one) => one.id === id);
  let id = plain;
  for (let n = 2; isTaken(id); n++) id = `${plain}${joint}${n}`;
  return id;
}
