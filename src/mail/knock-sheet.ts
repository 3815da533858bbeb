// SPDX-License-Identifier: AGPL-3.0-or-later
import { toMinute } from '../time/clock.ts';
import { sayTime } from '../time/say.ts';
import type { Knock } from './letter.ts';
import { oneLine } from './plain.ts';
import { OFFICE_LANGUAGE, type Sheet } from './sheet.ts';
import { fill, WORDS } from './words.ts';

/** What an office reads while somebody waits at its door: nothing of who it is, for mail lies about. */
export function knockSheet({ authority, office, link, stampedAt }: Knock): Sheet {
  const { knock, rows } = WORDS[OFFICE_LANGUAGE];
  const since = sayTime(Math.floor(toMinute(stampedAt)), authority.zone, OFFICE_LANGUAGE);
  return {
    language: OFFICE_LANGUAGE,
    subject: oneLine(fill(knock.subject, { office: office.name }), 200),
    preheader: knock.button,
    title: knock.title,
    greeting: null,
    paragraphs: [fill(knock.lead, { office: office.name })],
    rows: [
      { label: rows.office, value: office.name },
      { label: knock.when, value: since },
    ],
    needs: null,
    note: null,
    button: { text: knock.button, href: link },
    links: [],
    contacts: null,
    why: fill(knock.why, { authority: authority.name }),
  };
}
