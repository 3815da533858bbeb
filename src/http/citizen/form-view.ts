// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Language } from '../../bookings/booking.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Office, Service } from '../../offices/definition.ts';
import { whereOf } from '../../offices/office-address.ts';
import { toMinute, type Millis } from '../../time/clock.ts';
import { sayTime } from '../../time/say.ts';
import { jsonHash } from '../json-hash.ts';
import { addressOf } from './choice.ts';
import type { Answers } from './draft.ts';
import { placeOf } from './picker.ts';

/** The time that was chosen, and until when we keep it. */
export function heldOf(authority: Authority, answers: Answers, language: Language, nowMs: Millis) {
  const now = toMinute(nowMs);
  const duration = authority.service(answers.officeId, answers.serviceId)?.duration ?? 0;
  const slot = { officeId: answers.officeId, start: answers.start, end: answers.start + duration };
  const expiresAt = answers.hold?.expiresAt ?? 0;
  return {
    ...placeOf(slot, authority, language, now),
    until: nowMs < expiresAt ? sayTime(toMinute(expiresAt), authority.zone, language) : null,
  };
}

/** What every step from the third on shows beside its question. */
export function stepOf(
  authority: Authority,
  answers: Answers,
  office: Office,
  service: Service,
  language: Language,
  now: Millis,
) {
  const choice = { servizio: service.id, ufficio: answers.ufficio, sede: answers.sede, modo: answers.mode };
  return {
    answers,
    office,
    service,
    municipality: authority.municipality(office.municipality)?.name ?? '',
    where: whereOf(authority, office),
    held: heldOf(authority, answers, language, now),
    toPlace: addressOf('/prenota', choice),
    toTime: addressOf('/prenota/data', choice),
    version: versionOf(answers),
  };
}

/** Changes with any answer, so that a summary shown in one tab cannot confirm what was changed in another. */
export function versionOf(answers: Answers): string {
  const { hold: _hold, key: _key, ...said } = answers;
  return jsonHash(said);
}
