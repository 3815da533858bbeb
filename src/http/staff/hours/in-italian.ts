// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Language } from '../../../bookings/booking.ts';

/** What the authority file's own sentences say, to who fills in a form: by their beginning. */
const ITALIAN: readonly (readonly [RegExp, string])[] = [
  [/^This is missing/, 'Manca: scrivi qualcosa.'],
  [/^This is empty/, 'Questo campo è vuoto: scrivi qualcosa.'],
  [/^Write a number|^Write a whole number/, 'Scrivi un numero intero.'],
  [/^Write an e-mail address/, 'Scrivi un indirizzo email come ufficio@comune.example.'],
  [/^Write at most 24 hours for duration/, 'Durata e pausa insieme: al massimo 24 ore.'],
  [/^Write at most (\d+) characters/, 'Scrivi al massimo $1 caratteri.'],
  [/^Write at most (\d+)\./, 'Scrivi al massimo $1.'],
  [/^Write (\d+) or more/, 'Scrivi almeno $1.'],
  [/^Write this on one line/, 'Scrivi su una riga sola, senza caratteri speciali.'],
  [/^Write this without/, 'Togli i caratteri speciali.'],
  [/^Write a day of the calendar/, 'Scrivi un giorno del calendario.'],
  [/^Write a time in steps/, 'Scrivi un orario di cinque in cinque minuti, come 09:00; al massimo 24:00.'],
  [/^Write a closing time/, "Scrivi un'ora di chiusura dopo quella di apertura."],
  [/^Write a last day/, "Scrivi un ultimo giorno che non venga prima dell'inizio."],
  [/^Write a length of 5 minutes/, 'Scrivi una durata da 5 minuti a 24 ore, di 5 in 5 minuti: per esempio 30 minuti.'],
  [/^Write a length of up to 24 hours/, 'Scrivi al massimo 24 ore, di 5 in 5 minuti: per esempio 15 minuti.'],
  [/^Write a length of up to two years/, 'Scrivi al massimo due anni, in giorni, ore e minuti: per esempio 2 ore.'],
  [/^Write a length of one minute/, 'Scrivi da un minuto a due anni: per esempio 7 giorni.'],
  [
    /^Write less than the horizon/,
    'Deve essere meno di quanto in anticipo si può prenotare, o nessuno potrebbe farlo.',
  ],
  [
    /^Write the day every year/,
    'Scrivi il giorno e il mese, per esempio 03/05, oppure easter+50: 50 giorni dopo la Pasqua.',
  ],
  [/^Write a web address/, 'Scrivi un indirizzo che comincia con https://.'],
  [/^Write /, 'Scegli una delle voci.'],
  [/^This stands in the list twice/, "C'è due volte."],
  [/^List the options/, 'Scrivi le risposte tra cui scegliere.'],
  [/^Only a field of type choice/, 'Solo una domanda a scelta ha delle risposte.'],
  [/^The id/, 'Questo nome è già usato.'],
  [/^(No office|The office)/, "Questo servizio non c'è più."],
  [/^This cannot be read/, 'Non si capisce.'],
];

/** A sentence of the authority file in the visitor's language; the file itself speaks English. */
export function sayProblem(detail: string, language: Language): string {
  if (language === 'en') return detail;
  for (const [beginning, italian] of ITALIAN) {
    const found = beginning.exec(detail);
    if (found) return italian.replace('$1', found[1] ?? '');
  }
  return detail;
}
