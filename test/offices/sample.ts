// SPDX-License-Identifier: AGPL-3.0-or-later
import type { AuthorityDefinition, Office, Service } from '../../src/offices/definition.ts';
import type { Weekday } from '../../src/time/day.ts';

export const WORKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri'];

/** An office of Mombercelli open from nine to one on working days, unless said otherwise. */
export const officeWith = (parts: Partial<Office> = {}): Office => ({
  id: 'suap',
  name: 'Sportello Unico Attività Produttive',
  municipality: 'mombercelli',
  address: 'Piazza Alfieri 2',
  slotStep: 30,
  openingHours: [{ days: WORKDAYS, opens: 540, closes: 780 }],
  openings: [],
  closures: [],
  services: [],
  receptionPatience: 5,
  answerWithin: { days: 3, minutes: 0 },
  calendarDeletion: 'ask',
  calendarShows: 'reference',
  ...parts,
});

/** A consultation of half an hour for everyone, unless said otherwise. */
export const serviceWith = (parts: Partial<Service> = {}): Service => ({
  id: 'consulenza',
  name: 'Consulenza SUAP',
  duration: 30,
  modes: ['in_person'],
  notice: 0,
  horizon: 90 * 1440,
  bufferAfter: 0,
  needs: [],
  video: 'builtin',
  openingHours: [],
  audience: ['public', 'professionals'],
  fields: [],
  confirmation: 'automatic',
  cancelUntil: { days: 0, minutes: 0 },
  reminders: [],
  ...parts,
});

/** The Union with Mombercelli, whose patron is kept on 3 May, and Vinchio, whose patron follows Easter. */
export const authorityWith = (parts: Partial<AuthorityDefinition> = {}): AuthorityDefinition => ({
  id: 'unione',
  name: 'Unione Collinare',
  timeZone: 'Europe/Rome',
  hosts: [],
  email: 'protocollo@unione.example',
  closures: [],
  municipalities: [
    { id: 'mombercelli', name: 'Mombercelli', hosts: [], patronSaint: { date: '05-03', name: 'Santa Croce' } },
    { id: 'vinchio', name: 'Vinchio', hosts: [], patronSaint: { date: 'easter+50', name: 'Lunedì di Pentecoste' } },
    { id: 'altrove', name: 'Altrove', hosts: [] },
  ],
  offices: [],
  counters: [],
  staff: [],
  ...parts,
});
