// SPDX-License-Identifier: AGPL-3.0-or-later

/** The Message-ID of a letter owed: always the same for one row of the outbox, so that a letter sent twice is known for one. */
export const messageIdOf = (rowId: string, kind: string, sender: string): string =>
  `<${rowId}.${kind}@${sender.slice(sender.lastIndexOf('@') + 1)}>`;

const OURS = /<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[a-z]{1,20}@/gi;
/** An answer after many others names them all; ours are the latest. */
const MOST_IDS = 20;

/** The rows of the outbox whose letters a header (In-Reply-To, References, Message-ID) names, the latest first. */
export const letterIdsIn = (header: string): string[] =>
  [...header.matchAll(OURS)]
    .map(([, rowId]) => rowId!.toLowerCase())
    .toReversed()
    .slice(0, MOST_IDS);
