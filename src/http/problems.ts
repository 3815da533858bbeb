// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Language } from '../bookings/booking.ts';
import type { Reason } from '../bookings/refusal.ts';

/** What a door may answer beside the refusals of the house: a request it cannot read, and a fault of ours. */
export type Slug = Reason | 'malformed' | 'unsupported-media-type' | 'too-large' | 'fault';

export interface Problem {
  readonly status: number;
  readonly title: Record<Language, string>;
  readonly detail: Record<Language, string>;
}

const problem = (status: number, it: [string, string], en: [string, string]): Problem => ({
  status,
  title: { it: it[0], en: en[0] },
  detail: { it: it[1], en: en[1] },
});

/** Each no the outside world may hear, with its HTTP status and what is said of it. */
export const PROBLEMS: Record<Slug, Problem> = {
  'slot-taken': problem(
    409,
    ['Orario già preso', 'Qualcuno ha appena scelto questo orario. Ecco i più vicini ancora liberi.'],
    ['Slot taken', 'Someone just took this time. Here are the nearest still free.'],
  ),
  'hold-expired': problem(
    409,
    ['Tempo scaduto', "L'orario non è più tenuto per te: sceglilo di nuovo."],
    ['Hold expired', 'The time is no longer held for you: choose it again.'],
  ),
  'already-booked': problem(
    409,
    [
      'Già prenotato',
      'Con questo indirizzo hai già un appuntamento per questo servizio: lo trovi nella lettera che hai ricevuto.',
    ],
    ['Already booked', 'This address already has an appointment for this service: see the letter you received.'],
  ),
  cancelled: problem(
    409,
    ['Appuntamento annullato', "L'appuntamento è annullato: puoi prenotarne un altro."],
    ['Appointment cancelled', 'The appointment is cancelled: you can book another.'],
  ),
  changed: problem(
    409,
    ['Cambiato nel frattempo', "Qualcun altro l'ha cambiato nel frattempo: guarda com'è adesso."],
    ['Changed meanwhile', 'Somebody else has changed it meanwhile: look at it as it is now.'],
  ),
  'too-late': problem(
    409,
    ['Troppo tardi', "È troppo tardi per cambiare da qui: chiama l'ufficio."],
    ['Too late', 'It is too late to change it here: call the office.'],
  ),
  'off-grid': problem(
    422,
    ['Orario non previsto', 'Gli appuntamenti non cominciano a questo minuto: scegli tra gli orari liberi.'],
    ['Off the grid', 'Appointments do not start at this minute: choose among the free times.'],
  ),
  closed: problem(
    422,
    ['Ufficio chiuso', "A quell'ora l'ufficio è chiuso."],
    ['Closed', 'The office is closed at that time.'],
  ),
  'too-soon': problem(
    422,
    ['Troppo presto', 'Questo servizio va prenotato con più anticipo.'],
    ['Too soon', 'This service must be booked further ahead.'],
  ),
  'too-far': problem(
    422,
    ['Troppo lontano', 'Non si può ancora prenotare per quel giorno.'],
    ['Too far ahead', 'That day cannot be booked yet.'],
  ),
  'nonexistent-local-time': problem(
    422,
    ['Ora inesistente', "Quel giorno l'orologio salta quest'ora."],
    ['No such local time', 'On that day the clock skips this hour.'],
  ),
  invalid: problem(
    422,
    ['Dati non validi', 'Qualche dato manca o non va bene.'],
    ['Invalid request', 'Something is missing or wrong.'],
  ),
  'door-closed': problem(
    409,
    ['Porta chiusa', "L'ufficio non riceve adesso. Puoi prenotare un appuntamento quando vuoi."],
    ['Door closed', 'The office does not receive now. You can book an appointment at any time.'],
  ),
  'door-paused': problem(
    409,
    ['Porta in pausa', "L'ufficio ha messo la porta in pausa: riprova più tardi, o prenota un appuntamento."],
    ['Door paused', 'The office has paused its door: try again later, or book an appointment.'],
  ),
  'taken-over': problem(
    409,
    ['Già fatto da altri', 'Un altro operatore è stato più veloce.'],
    ['Done by somebody else', 'Another member of staff was faster.'],
  ),
  'idempotency-mismatch': problem(
    422,
    ['Chiave già usata', 'Questa Idempotency-Key è già stata usata per una richiesta diversa.'],
    ['Key already used', 'This Idempotency-Key was already used for another request.'],
  ),
  'idempotency-in-progress': problem(
    409,
    ['Richiesta in corso', 'La prima richiesta con questa Idempotency-Key è ancora in corso.'],
    ['Request in progress', 'The first request with this Idempotency-Key is still in progress.'],
  ),
  'not-found': problem(404, ['Non trovato', "Qui non c'è nulla."], ['Not found', 'There is nothing here.']),
  'too-many-requests': problem(
    429,
    ['Troppe richieste', 'Troppe richieste in poco tempo: riprova fra un momento.'],
    ['Too many requests', 'Too many requests in a short time: try again in a moment.'],
  ),
  unavailable: problem(
    503,
    ['Servizio non disponibile', 'In questo momento il servizio non risponde: riprova fra poco.'],
    ['Unavailable', 'The service does not answer at the moment: try again shortly.'],
  ),
  malformed: problem(
    400,
    ['Richiesta illeggibile', "La richiesta non si può leggere: il JSON o l'indirizzo sono scritti male."],
    ['Malformed request', 'The request cannot be read: its JSON or its address is malformed.'],
  ),
  'unsupported-media-type': problem(
    415,
    ['Formato non accettato', 'Si accetta solo application/json.'],
    ['Unsupported media type', 'Only application/json is accepted.'],
  ),
  'too-large': problem(
    413,
    ['Richiesta troppo grande', 'La richiesta può essere al massimo di 1 MB.'],
    ['Too large', 'A request may be 1 MB at most.'],
  ),
  fault: problem(
    500,
    ['Errore nostro', 'Qualcosa non ha funzionato da parte nostra. Riprova.'],
    ['Fault', 'Something went wrong on our side. Try again.'],
  ),
};
