// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Provider } from '@nestjs/common';
import { Sealed } from './access/sealed.ts';
import { made } from './app.made.ts';
import { Chance } from './bookings/chance.ts';
import { Config } from './config.ts';
import { RoomCarrier } from './courier/room-carrier.ts';
import { RoomCourier } from './courier/room-courier.ts';
import { Credentials } from './database/reception/credentials.ts';
import { Database } from './database/engine/database.ts';
import { Registers } from './database/registers.ts';
import { Issuer } from './front-desk/issuer.ts';
import { RoomUpkeep } from './front-desk/rooms/room-upkeep.ts';
import { WaysIn } from './front-desk/rooms/ways-in.ts';
import { Log } from './http/logging.ts';
import { Clock } from './time/clock.ts';
import { GoTo } from './video/go-to.ts';
import { GoToTokens, type TokenShelf } from './video/goto-tokens.ts';
import { Jitsi } from './video/jitsi.ts';
import { Network } from './video/network.ts';
import { Providers } from './video/providers.ts';
import { Whereby } from './video/whereby.ts';

/** Who carries video calls beside our own room. */
export const VIDEO: Provider[] = [
  made(Network, Clock),
  made(Credentials, Database),
  {
    provide: Providers,
    inject: [Config, Network, Credentials, Sealed, Clock],
    useFactory: ({ video }: Config, network: Network, credentials: Credentials, sealed: Sealed, clock: Clock) =>
      providersOf(video, network, shelfOf(credentials, sealed), clock),
  },
  made(WaysIn, Registers, Providers, Sealed),
  made(RoomUpkeep, Registers, Providers, Issuer),
  made(RoomCarrier, Registers, Providers, Sealed, Clock),
  {
    provide: RoomCourier,
    inject: [Registers, RoomCarrier, Clock, Chance, Log],
    useFactory: (registers: Registers, carrier: RoomCarrier, clock: Clock, chance: Chance, log: Log) =>
      new RoomCourier(registers, carrier, clock, chance, log.report),
  },
];

/** Those that the environment says how to reach. */
export function providersOf(video: Config['video'], network: Network, shelf: TokenShelf, clock: Clock): Providers {
  const { jitsi, whereby, goto } = video;
  return new Providers([
    ...(jitsi ? [new Jitsi(jitsi, clock)] : []),
    ...(whereby ? [new Whereby(whereby, network)] : []),
    ...(goto ? [new GoTo(goto.apiUrl, new GoToTokens(goto, network, shelf, clock), network)] : []),
  ]);
}

const GOTO = 'goto';

/** Sealed in the database. What was sealed under another secret counts as none. */
export const shelfOf = (credentials: Credentials, sealed: Sealed): TokenShelf => ({
  read: async () => {
    const kept = await credentials.find(GOTO);
    return kept && { text: sealed.open(kept.sealed) ?? '', version: kept.version };
  },
  keep: (text, version) => credentials.keep(GOTO, sealed.seal(text), version),
});
