// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import { LONGEST_NOTE } from '../../../bookings/change.ts';
import { isText, lengthOf } from '../../../bookings/contact.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import { AccessLog } from '../../../database/staff/access-log.ts';
import { HoursDesk, type Applied, type Preview } from '../../../front-desk/hours/hours-desk.ts';
import { newPlaces } from '../../../front-desk/hours/new-places.ts';
import { proposedAuthority } from '../../../front-desk/hours/proposal.ts';
import { Timetable } from '../../../front-desk/timetable.ts';
import type { AuthorityDefinition } from '../../../offices/definition.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import type { Day } from '../../../time/day.ts';
import { sayDate } from '../../../time/say.ts';
import { dayOf } from '../../../time/zone.ts';
import { seeOther, type Answer } from '../../answer.ts';
import { text } from '../../citizen/choice.ts';
import { Pages } from '../../page.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';
import type { Typed } from './form.ts';
import { changesIn } from './changes-view.ts';
import { HoursDrafts, type HoursDraft } from './hours-drafts.ts';
import { HoursForms, PREVIEW } from './hours-forms.ts';
import { ALL, decisionsIn, lossesView, shownOf } from './losses-view.ts';
import { pathOf } from './target.ts';

const NOTE = 'nota';

/** What an edit would do, shown before it is done; and the one button that does it. */
@Injectable()
export class HoursPreviews {
  constructor(
    private readonly pages: Pages,
    private readonly staffPages: StaffPages,
    private readonly drafts: HoursDrafts,
    private readonly forms: HoursForms,
    private readonly desk: HoursDesk,
    private readonly timetable: Timetable,
    private readonly log: AccessLog,
    private readonly clock: Clock,
  ) {}

  async show(setting: StaffSetting, name: string): Promise<Answer> {
    const draft = await this.drafts.read(setting.staff, name);
    if (!draft) return seeOther('/operatore/orari?scaduto=1');
    if (draft.done)
      return this.staffPages.show('staff/hours-done', setting, { done: draft.done, from: pathOf(draft.target) });
    const definition = this.#proposed(setting, draft);
    if (!definition) return seeOther(`${pathOf(draft.target)}?bozza=${name}`);
    const preview = await this.desk.preview(setting.at.authority, definition);
    const { authority } = setting.at;
    if (preview.lose.length)
      await this.log.note(authority, setting.staff, 'hours-preview', {
        bookings: preview.lose.length,
        references: shownOf(preview.lose)
          .map(({ booking }) => booking.reference)
          .join(' '),
        page: pathOf(draft.target),
      });
    return this.staffPages.show('staff/hours-preview', setting, {
      ...this.#consequences(setting, draft),
      ...(await this.#losses(setting, draft, definition, preview)),
      action: `${PREVIEW}/${name}`,
      back: `${pathOf(draft.target)}?bozza=${name}`,
      stay: preview.stay,
      changes: preview.changes.length,
      openingsGo: draft.target.kind === 'closing' && preview.changes.some(({ key }) => key === 'openings'),
      overtaken: draft.overtaken,
    });
  }

  async send(setting: StaffSetting, name: string, body: Typed): Promise<Answer> {
    const draft = await this.drafts.read(setting.staff, name);
    if (!draft) return seeOther('/operatore/orari?scaduto=1');
    const here = `${PREVIEW}/${name}`;
    const definition = draft.done ? null : this.#proposed(setting, draft);
    if (!definition) return seeOther(here);
    const decided = Object.fromEntries(Object.keys(body).map((field) => [field, text.parse(body[field])]));
    const again = (overtaken: boolean) => this.drafts.keep(setting.staff, { ...draft, decided, overtaken }, name);
    try {
      if (!(await this.#isDecided(setting, definition, decided))) {
        await again(false);
        return seeOther(here);
      }
      const applied = await this.#apply(setting, definition, decided);
      await this.drafts.keep(setting.staff, { ...draft, typed: {}, decided: null, done: doneOf(applied) }, name);
      await this.log.note(setting.at.authority, setting.staff, 'hours-change', summary(applied, draft));
    } catch (fault) {
      if (!(fault instanceof Refusal) || fault.reason !== 'changed') throw fault;
      // A second press of the button finds it done.
      const isDone = (await this.drafts.read(setting.staff, name))?.done;
      if (!isDone) await again(true);
    }
    return seeOther(here);
  }

  /** Whether everything is said that must be, about every booking that loses its place. */
  async #isDecided(
    { at }: StaffSetting,
    definition: AuthorityDefinition,
    decided: Record<string, string>,
  ): Promise<boolean> {
    const { lose } = await this.desk.preview(at.authority, definition);
    const decisions = decisionsIn(decided);
    return isGood(decided[NOTE] ?? '') && lose.every(({ booking }) => decisions.has(booking.id));
  }

  /** Null when it must first go back to its form. */
  #proposed({ at, staff, visit }: StaffSetting, draft: HoursDraft): AuthorityDefinition | null {
    const { attempt, isStale } = this.forms.filled(staff, at.authority, draft, this.pages.words(visit.language));
    return 'definition' in attempt && !isStale ? attempt.definition : null;
  }

  #apply(
    { at, staff }: StaffSetting,
    definition: AuthorityDefinition,
    decided: Record<string, string>,
  ): Promise<Applied> {
    const by = { kind: 'staff', id: staff.id, name: staff.name } as const;
    const note = decided[NOTE] || undefined;
    return this.desk.apply(at.authority, definition, decisionsIn(decided), { by, note });
  }

  #consequences({ staff, at, visit }: StaffSetting, draft: HoursDraft) {
    const t = this.pages.words(visit.language);
    const { blank } = this.forms.filled(staff, at.authority, draft, t);
    const today = dayOf(toMinute(this.clock.now()), at.authority.zone);
    const sayDay = (day: Day) => sayDate(day, visit.language, today);
    const before = this.forms.before(staff, at.authority, draft.target, t);
    return {
      kind: draft.target.kind,
      removing: draft.removing,
      name: draft.removing ? before['name'] : null,
      fields: draft.removing ? [] : changesIn(blank, before, draft.typed, sayDay),
    };
  }

  async #losses({ at, visit }: StaffSetting, draft: HoursDraft, definition: AuthorityDefinition, { lose }: Preview) {
    const { authority } = at;
    const { language } = visit;
    const next = proposedAuthority(authority, definition);
    const places = await newPlaces(
      this.timetable,
      next,
      lose.map(({ booking }) => booking),
    );
    const shown = { authority, language, now: toMinute(this.clock.now()), t: this.pages.words(language) };
    const decided = draft.decided ?? {};
    return {
      ...lossesView(lose, places, decided, shown),
      lose: lose.length,
      all: decided[ALL] ?? '',
      note: decided[NOTE] ?? '',
      noteWrong: !isGood(decided[NOTE] ?? ''),
    };
  }
}

const isGood = (note: string): boolean => lengthOf(note) <= LONGEST_NOTE && isText(note);

const doneOf = ({ kept, cancelled, moved, notMoved }: Applied) => ({
  kept,
  cancelled,
  moved,
  notMoved: notMoved.map(({ reference }) => reference),
});

const summary = ({ kept, cancelled, moved, notMoved }: Applied, { target }: HoursDraft) => ({
  page: pathOf(target),
  kept,
  cancelled,
  moved,
  not_moved: notMoved.length,
});
