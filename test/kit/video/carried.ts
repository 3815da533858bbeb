// SPDX-License-Identifier: AGPL-3.0-or-later
import { Sealed } from '../../../src/access/sealed.ts';
import { providersOf, shelfOf } from '../../../src/app.video.ts';
import { Courier } from '../../../src/courier/courier.ts';
import { RoomCarrier } from '../../../src/courier/room-carrier.ts';
import { RoomCourier } from '../../../src/courier/room-courier.ts';
import { Credentials } from '../../../src/database/reception/credentials.ts';
import { RoomUpkeep } from '../../../src/front-desk/rooms/room-upkeep.ts';
import { WaysIn } from '../../../src/front-desk/rooms/ways-in.ts';
import { FolderMailer } from '../../../src/mail/folder-mailer.ts';
import { LetterWriter } from '../../../src/mail/letter-writer.ts';
import { Network } from '../../../src/video/network.ts';
import { SECRET } from '../app.ts';
import { SeededChance } from '../chance.ts';
import type { House } from '../desks.ts';
import { newFolder } from '../folder.ts';

type Video = Parameters<typeof providersOf>[0];

export const JITSI = { url: 'https://meet.comune.example', appId: 'sportello', secret: 'the secret shared with jitsi' };

/** Who carries the calls of a house, as its environment has it, and a courier for its rooms and letters. */
export function carriedBy(house: House, video: Partial<Video>, patience?: number) {
  const { registers, clock, issuer, database } = house;
  const sealed = new Sealed(SECRET, new SeededChance('sealed'));
  const network = new Network(clock, patience);
  const shelf = shelfOf(new Credentials(database), sealed);
  const providers = providersOf({ stunUrls: [], ...video }, network, shelf, clock);
  const reports: string[] = [];
  const report = (event: string, { error = '' }: { error?: string }) => void reports.push(`${event} ${error}`.trim());
  const carrier = new RoomCarrier(registers, providers, sealed, clock);
  const rooms = new RoomCourier(registers, carrier, clock, new SeededChance('rooms'), report);
  const mailDir = newFolder('video');
  const base = 'http://localhost:3000';
  const post = { writer: new LetterWriter(), mailer: new FolderMailer(mailDir), tokens: house.tokens, publicUrl: base };
  return {
    providers,
    sealed,
    shelf,
    reports,
    mailDir,
    carrier,
    waysIn: new WaysIn(registers, providers, sealed),
    upkeep: new RoomUpkeep(registers, providers, issuer),
    courier: new Courier(registers, post, clock, report, [rooms]),
    /** Carries all rooms that are due. */
    carry: async (): Promise<void> => {
      while ((await rooms.carry()) > 0);
    },
  };
}
