// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import { Refusal } from '../../../bookings/refusal.ts';
import { PushSubscriptions } from '../../../database/reception/push-subscriptions.ts';
import { Doors } from '../../../front-desk/reception/doors.ts';
import { LONGEST_LINE } from '../../../front-desk/reception/lines.ts';
import { OpeningDesk, type QueueLine } from '../../../front-desk/reception/opening-desk.ts';
import { WaysIn } from '../../../front-desk/rooms/ways-in.ts';
import { WebPush } from '../../../live/web-push.ts';
import type { Authority } from '../../../offices/authority.ts';
import type { Office } from '../../../offices/definition.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import type { DoorState } from '../../../waiting-room/door.ts';
import type { Answer } from '../../answer.ts';
import { Pages } from '../../page.ts';
import { PROBLEMS } from '../../problems.ts';
import { Looks } from '../looks.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';
import { browserView } from './browser-view.ts';
import { doorView, readySentences } from './door-view.ts';
import { lineView, type LineView, type QueueLook } from './line-view.ts';
import { officesReceivedBy } from './received.ts';

/** What came of a form, and what was typed into it. */
export interface Outcome {
  readonly done?: string;
  readonly refusal?: Refusal;
  /** The arrival or the office it was about, and the line. */
  readonly about?: string;
  readonly typed?: string;
}

/** The waiting room of the staff: their doors, and who is before them. */
@Injectable()
export class WaitingView {
  constructor(
    private readonly opening: OpeningDesk,
    private readonly doors: Doors,
    private readonly ways: WaysIn,
    private readonly subscriptions: PushSubscriptions,
    private readonly push: WebPush,
    private readonly looks: Looks,
    private readonly pages: StaffPages,
    private readonly words: Pages,
    private readonly clock: Clock,
  ) {}

  async show(setting: StaffSetting, outcome: Outcome = {}): Promise<Answer> {
    const { at, staff } = setting;
    const offices = officesReceivedBy(staff, at.authority);
    if (!offices.length) return this.pages.show('staff/no-office', setting, {});
    const look = this.#look(setting);
    const [states, queue, browsers] = await Promise.all([
      this.doors.all(at.authority),
      this.opening.queue(
        at.authority,
        offices.map(({ id }) => id),
      ),
      this.subscriptions.of(staff.id),
    ]);
    await this.#noteReading(setting, queue);
    const lines = await Promise.all(queue.map((line) => this.#line(line, setting, look)));
    const view = {
      ...queueView(lines, at.authority, states),
      doors: doorsOf(offices, states).map(({ office, door }) => doorView(office, door, look)),
      ready: readySentences(look, this.words.words('it')),
      browsers: browsers.map((browser) => browserView(browser, look)),
      pushKey: this.push.publicKey,
      longest: LONGEST_LINE,
      ...said(outcome),
      done: this.words.knows(`queue.done.${outcome.done}`) ? outcome.done : '',
    };
    return this.pages.show('staff/waiting', { ...setting, waiting: view.count }, view, { status: statusOf(outcome) });
  }

  #look({ at, visit, staff }: StaffSetting): QueueLook {
    const { language } = visit;
    const now = toMinute(this.clock.now());
    return { authority: at.authority, language, now, staffId: staff.id, t: this.words.words(language) };
  }

  /** Who knocked said their name to the door; who has an appointment is in the books. */
  async #noteReading({ at, staff }: StaffSetting, queue: readonly QueueLine[]): Promise<void> {
    for (const { booking } of queue)
      if (booking)
        await this.looks.note(at.authority, staff, 'waiting-room', {
          reference: booking.reference,
          booking: booking.id,
        });
  }

  async #line(line: QueueLine, { at, staff }: StaffSetting, look: QueueLook): Promise<LineView> {
    const { booking, arrival } = line;
    const way = booking && (await this.ways.of(at.authority, booking, arrival, { role: 'staff', name: staff.name }));
    return lineView(line, way, look);
  }
}

/** The offices of a list that receive, with their doors. */
const doorsOf = (offices: readonly Office[], states: ReadonlyMap<string, DoorState>) =>
  offices.flatMap((office) => {
    const door = states.get(office.id);
    return door && door.state !== 'none' ? [{ office, door }] : [];
  });

/** Who is in the room and in turn, and where they may be handed to. */
function queueView(lines: readonly LineView[], { offices }: Authority, states: ReadonlyMap<string, DoorState>) {
  const targets = doorsOf(offices, states).map(({ office: { id, name }, door: { state, waiting } }) => ({
    id,
    name,
    state,
    waiting,
  }));
  const among = (...stages: LineView['stage'][]) => lines.filter(({ stage }) => stages.includes(stage));
  return {
    count: among('waiting').length,
    targets,
    groups: [
      { key: 'waiting', lines: among('waiting', 'gone') },
      { key: 'in', lines: among('with-me', 'held', 'with-another') },
      { key: 'call-back', lines: among('call-back') },
    ],
  };
}

function said({ refusal, about = '', typed = '' }: Outcome) {
  const { reason = '', more } = refusal ?? {};
  return { refused: reason, opener: more?.said ?? '', about, typed };
}

const statusOf = ({ refusal }: Outcome): number => (refusal ? PROBLEMS[refusal.reason].status : 200);
