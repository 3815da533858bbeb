// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Param, Post, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { OpeningDesk } from '../../../front-desk/reception/opening-desk.ts';
import type { Arrival } from '../../../waiting-room/arrival.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { text } from '../../citizen/choice.ts';
import { AtStaff } from '../entrance/signed-in.ts';
import type { StaffSetting } from '../staff-pages.ts';
import { roomPath, WAITING_ROOM } from './received.ts';
import { WaitingActs, type Attempt } from './waiting-acts.ts';

const ArrivalForm = z.object({ ufficio: text, riga: text });
const formIn = (body: unknown) => ArrivalForm.parse(body ?? {});

/** What is done, and where one goes then. */
type Act = (arrival: Arrival) => Promise<string>;

/** `/operatore/attesa/{id}/…`: what is done with somebody before a door. Of two who do it at once one hears who did. */
@Controller('operatore/attesa/:id')
@UseInterceptors(SendAnswer)
export class ArrivalActsController {
  constructor(
    private readonly acts: WaitingActs,
    private readonly opening: OpeningDesk,
  ) {}

  @Post('apri')
  open(@AtStaff() setting: StaffSetting, @Param('id') id: string): Promise<Answer> {
    return this.#act({ setting, about: id }, async (arrival) => {
      await this.opening.open(setting.at.authority, arrival, setting.staff);
      await this.acts.noteChange(setting, arrival, 'apri');
      return roomPath(id);
    });
  }

  @Post('sospendi')
  hold(@AtStaff() setting: StaffSetting, @Param('id') id: string): Promise<Answer> {
    return this.#act({ setting, about: id }, async (arrival) => {
      await this.opening.hold(arrival, setting.staff);
      return backSaying('sospesa');
    });
  }

  @Post('richiama')
  recall(@AtStaff() setting: StaffSetting, @Param('id') id: string): Promise<Answer> {
    return this.#act({ setting, about: id }, async (arrival) => {
      await this.opening.recall(arrival, setting.staff);
      return roomPath(id);
    });
  }

  @Post('passa')
  hand(@AtStaff() setting: StaffSetting, @Param('id') id: string, @Body() body: unknown): Promise<Answer> {
    const { ufficio } = formIn(body);
    return this.#act({ setting, about: id }, async (arrival) => {
      await this.opening.hand(setting.at.authority, arrival, ufficio, setting.staff);
      return backSaying('passata');
    });
  }

  @Post('scrivi')
  tell(@AtStaff() setting: StaffSetting, @Param('id') id: string, @Body() body: unknown): Promise<Answer> {
    const { riga } = formIn(body);
    return this.#act({ setting, about: id, typed: riga }, async (arrival) => {
      await this.opening.tell(arrival, riga);
      return backSaying('scritta');
    });
  }

  @Post('chiudi')
  close(@AtStaff() setting: StaffSetting, @Param('id') id: string): Promise<Answer> {
    return this.#act({ setting, about: id }, async (arrival) => {
      await this.opening.close(setting.at.authority, arrival, setting.staff);
      await this.acts.noteChange(setting, arrival, 'chiudi');
      return backSaying('chiusa');
    });
  }

  /** Our own room, where another provider's is not there or does not work. */
  @Post('stanza-nostra')
  useOwnRoom(@AtStaff() setting: StaffSetting, @Param('id') id: string): Promise<Answer> {
    return this.#act({ setting, about: id }, async (arrival) => {
      const { status } = await this.opening.useOwnRoom(arrival);
      return status === 'called' ? roomPath(id) : backSaying('nostra');
    });
  }

  async #act(attempt: Attempt, act: Act): Promise<Answer> {
    const arrival = await this.acts.find(attempt.setting, attempt.about);
    return this.acts.tried(attempt, async () => seeOther(await act(arrival)));
  }
}

const backSaying = (done: string): string => `${WAITING_ROOM}?fatto=${done}`;
