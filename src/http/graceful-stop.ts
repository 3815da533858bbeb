// SPDX-License-Identifier: AGPL-3.0-or-later
import type { FastifyInstance } from 'fastify';
import type { Clock, Millis } from '../time/clock.ts';

/** How long an open connection may still bring a request; its answer says that it was the last. */
const GRACE_MS: Millis = 1_000;
const CLOSE_AGAIN_MS: Millis = 100;
/** Whatever is still unanswered then is not waited for. */
const LONGEST_MS: Millis = 4_000;
/** A frozen database keeps even its own connections from closing. */
const GIVE_UP_MS: Millis = 9_000;

/**
 * Asked to stop, the server takes no new connection. Node would at once close those between two requests, also one
 * whose next request is on its way and would fail: we let them end with an answer, and close what stays idle.
 * @param giveUp ends the process all the same when something does not let it end
 */
export function stopGently(fastify: FastifyInstance, clock: Clock, giveUp: () => void): void {
  const { server } = fastify;
  const closeIdle = server.closeIdleConnections.bind(server);
  const closed = new AbortController();
  server.once('close', () => closed.abort());

  async function closeByAndBy(): Promise<void> {
    for (let waited = GRACE_MS; waited < LONGEST_MS; waited += CLOSE_AGAIN_MS) {
      await clock.sleep(waited === GRACE_MS ? GRACE_MS : CLOSE_AGAIN_MS, closed.signal);
      closeIdle();
    }
    server.closeAllConnections();
  }

  fastify.addHook('preClose', (done) => {
    server.closeIdleConnections = () => undefined;
    closeByAndBy().catch(() => undefined); // closed meanwhile
    void clock.sleep(GIVE_UP_MS).then(giveUp);
    done();
  });
}
