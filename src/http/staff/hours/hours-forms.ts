// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import { mayDo } from '../../../access/permissions.ts';
import type { Staff } from '../../../access/staff.ts';
import { dataOf } from '../../../authority-file/file-data.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import { sha256 } from '../../../bookings/token.ts';
import type { Authority } from '../../../offices/authority.ts';
import { seeOther, type Answer } from '../../answer.ts';
import { text } from '../../citizen/choice.ts';
import { Pages, type Say } from '../../page.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';
import { mayChange, mayEdit } from './allowed.ts';
import { attempted, type Attempt } from './attempt.ts';
import { EVERYWHERE } from './edit.ts';
import { rowsIn, tidied, typedOf, withoutRow, withRow, type Typed } from './form.ts';
import { formView } from './form-view.ts';
import { HoursDrafts, type HoursDraft } from './hours-drafts.ts';
import { sayProblem } from './in-italian.ts';
import { entriesOf, isRows, type Blank } from './blank.ts';
import { Blanks } from './blanks.ts';
import { keysNow, pathOf, type Target } from './target.ts';

export const PREVIEW = '/operatore/orari/anteprima';

/** Our own fields among those of the file; no key of the file begins like this. */
const OURS = { base: '_base', draft: '_bozza', add: '_aggiungi', remove: '_togli', delete: '_elimina' } as const;

/** A form that was filled in, as far as it got. */
export interface Filled {
  readonly blank: Blank;
  readonly attempt: Attempt;
  /** Somebody else has changed the same thing since the form was opened. */
  readonly isStale: boolean;
}

/** The forms that edit hours, services and counters: shown, filled in over several pages, and judged. */
@Injectable()
export class HoursForms {
  constructor(
    private readonly pages: Pages,
    private readonly staffPages: StaffPages,
    private readonly drafts: HoursDrafts,
  ) {}

  /** @throws Refusal `not-found` for what is not there or not theirs. */
  async show(setting: StaffSetting, target: Target): Promise<Answer> {
    const { staff, at, visit } = setting;
    const t = this.pages.words(visit.language);
    const now = this.#now(staff, at.authority, target);
    const name = visit.query.get('bozza') ?? '';
    const kept = await this.drafts.read(staff, name);
    const draft = kept && pathOf(kept.target) === pathOf(target) && !kept.done ? kept : null;
    const blank = blankOf(staff, at.authority, target, t);
    const typed = draft?.typed ?? { ...typedOf(blank, now.keys, t), ...askedIn(target, visit.query) };
    const filled = draft?.tried ? this.filled(staff, at.authority, draft, t) : null;
    const problems = filled && 'problems' in filled.attempt ? filled.attempt.problems : [];
    const told = problems.map((p) => ({ name: p.name, text: sayProblem(p.detail, visit.language) }));
    return this.staffPages.show('staff/hours-form', setting, {
      ...formView(blank, seated(blank, typed, target, t), told),
      action: pathOf(target),
      kind: target.kind,
      isNew: 'id' in target && target.id === null,
      removable: 'id' in target && target.id !== null,
      name: nameOf(at.authority, target, t),
      stale: filled?.isStale ?? false,
      hidden: { [OURS.base]: now.hash, [OURS.draft]: draft ? name : '' },
    });
  }

  /** Keeps what was sent and leads on: back to the form while something is to be added or put right, else to the preview. */
  async send(setting: StaffSetting, target: Target, body: Typed): Promise<Answer> {
    const { staff, at, visit } = setting;
    const t = this.pages.words(visit.language);
    this.#now(staff, at.authority, target);
    const blank = blankOf(staff, at.authority, target, t);
    const sent = (name: string) => text.parse(body[name]);
    const draft: HoursDraft = {
      target,
      typed: mutable(this.#typed(blank, body, sent, t)),
      base: sent(OURS.base),
      tried: !sent(OURS.add) && !sent(OURS.remove),
      removing: Boolean(sent(OURS.delete)),
      decided: null,
      overtaken: false,
      done: null,
    };
    const name = await this.drafts.keep(staff, draft, sent(OURS.draft));
    const rows = sent(OURS.add) || sent(OURS.remove).split('.')[0];
    if (!draft.tried) return seeOther(`${pathOf(target)}?bozza=${name}#${encodeURIComponent(rows ?? '')}`);
    const { attempt, isStale } = this.filled(staff, at.authority, draft, t);
    const isReady = 'definition' in attempt && !isStale;
    return seeOther(isReady ? `${PREVIEW}/${name}` : `${pathOf(target)}?bozza=${name}`);
  }

  /** @throws Refusal `not-found` when it would change what is not theirs. */
  filled(staff: Staff, authority: Authority, draft: HoursDraft, t: Say): Filled {
    const { target, typed, removing } = draft;
    const now = this.#now(staff, authority, target);
    const blank = blankOf(staff, authority, target, t);
    const attempt = attempted(authority.definition, target, blank, typed, removing);
    if ('definition' in attempt && !mayChange(staff, authority, attempt.definition)) throw new Refusal('not-found');
    return { blank, attempt, isStale: target.kind !== 'closing' && now.hash !== draft.base };
  }

  /** What stands there now, before anything is edited, as the same form shows it. */
  before(staff: Staff, authority: Authority, target: Target, t: Say): Typed {
    return typedOf(blankOf(staff, authority, target, t), this.#now(staff, authority, target).keys, t);
  }

  #now(staff: Staff, authority: Authority, target: Target) {
    const keys = mayEdit(staff, authority, target) ? keysNow(dataOf(authority.definition), target) : null;
    if (!keys) throw new Refusal('not-found');
    return { keys, hash: sha256(JSON.stringify(keys)) };
  }

  #typed(blank: Blank, body: Typed, sent: (name: string) => string, t: Say): Typed {
    const [rows = '', i = ''] = sent(OURS.remove).split('.');
    const rest = rows ? withoutRow(body, rows, Number(i)) : body;
    const typed = tidied(blank, rest);
    const part = entriesOf(blank).find((p) => isRows(p) && p.rows === sent(OURS.add));
    return part && isRows(part) && part.add ? withRow(typed, part, t) : typed;
  }
}

function blankOf(staff: Staff, authority: Authority, target: Target, t: Say): Blank {
  const blanks = new Blanks(t);
  const own = authority.offices.filter(({ id }) => mayDo(staff, 'edit-hours', id));
  if (target.kind === 'counter') return blanks.counter(own);
  if (target.kind !== 'closing') return blanks[target.kind]();
  const all = mayDo(staff, 'edit-authority') ? [{ value: EVERYWHERE, text: t('hours.office.all') }] : [];
  return blanks.closing([...own.map(({ id, name }) => ({ value: id, text: name })), ...all]);
}

/** A counter without a place to sit begins with an empty one. */
function seated(blank: Blank, typed: Typed, target: Target, t: Say): Typed {
  const seats = entriesOf(blank).find((part) => isRows(part) && part.rows === 'serves');
  const isBare = target.kind === 'counter' && seats && isRows(seats) && !rowsIn(typed, seats).length;
  return isBare ? withRow(typed, seats, t) : typed;
}

/** The agenda's link says which day to close. */
function askedIn(target: Target, query: URLSearchParams): Typed {
  if (target.kind !== 'closing') return {};
  return { office: query.get('ufficio') ?? '', from: query.get('giorno') ?? '', through: '', reason: '' };
}

function nameOf(authority: Authority, target: Target, t: Say): string {
  if (target.kind === 'office') return authority.office(target.office)?.name ?? '';
  if (target.kind === 'counter')
    return authority.counters.find(({ id }) => id === target.id)?.name ?? t('hours.new-counter');
  if (target.kind !== 'service') return t(`hours.title.${target.kind}`);
  return (target.id && authority.service(target.office, target.id)?.name) || t('hours.new-service');
}

const mutable = (typed: Typed): Record<string, string | string[]> =>
  Object.fromEntries(Object.entries(typed).map(([name, v]) => [name, typeof v === 'string' ? v : [...v]]));
