// SPDX-License-Identifier: AGPL-3.0-or-later
import type { WayIn } from '../../front-desk/rooms/ways-in.ts';
import type { Say } from '../page.ts';

/** Why our own room stands in, to staff; null when it does not. */
export const sayTrouble = ({ provider, trouble }: WayIn, t: Say): string | null =>
  trouble && t(`video.trouble.${trouble}`, { provider: t(`video.name.${provider}`) });
