// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import { In } from 'typeorm';
import { Staff } from '../../access/staff.ts';
import type { Database } from '../engine/database.ts';
import { PushSubscription } from '../rows.ts';

/** Browsers of one person: more than anybody has, and few enough that nobody rings a thousand. */
const MOST_EACH = 10;

/** A browser that is told of knocks, and whose it is. */
export interface Subscriber {
  readonly subscription: PushSubscription;
  readonly staff: Staff;
}

/** The browsers that are told of knocks while the page is closed. */
export class PushSubscriptions {
  constructor(private readonly database: Database) {}

  /** A browser belongs to whoever said so last; with more than ten of somebody's the oldest is forgotten. */
  async keep(values: Omit<PushSubscription, 'id'>): Promise<void> {
    const subscription: PushSubscription = { ...values, id: subscriptionId(values.endpoint) };
    const others = (await this.of(values.staffId)).filter(({ id }) => id !== subscription.id);
    await this.database.transaction(async (tx) => {
      for (const { id } of [subscription, ...others.slice(MOST_EACH - 1)])
        await tx.run('DELETE FROM push_subscriptions WHERE id = ?', [id]);
      await tx.insert(PushSubscription, [subscription]);
    });
  }

  /** The latest first. */
  of(staffId: string): Promise<PushSubscription[]> {
    return this.database.reading.find(PushSubscription, {
      where: { staffId },
      order: { createdAt: 'DESC', id: 'ASC' },
    });
  }

  /** With those whose they are, and who may enter. */
  async subscribers(authorityId: string): Promise<Subscriber[]> {
    const subscriptions = await this.database.reading.findBy(PushSubscription, { authorityId });
    if (!subscriptions.length) return [];
    const ids = [...new Set(subscriptions.map(({ staffId }) => staffId))];
    const people = await this.database.reading.findBy(Staff, { authorityId, id: In(ids) });
    return subscriptions.flatMap((subscription) => {
      const staff = people.find(({ id }) => id === subscription.staffId);
      return staff && staff.disabledAt === null ? [{ subscription, staff }] : [];
    });
  }

  async forget(id: string): Promise<void> {
    await this.database.run('DELETE FROM push_subscriptions WHERE id = ?', [id]);
  }

  /** One's own only. */
  async forgetOwn(staffId: string, id: string): Promise<void> {
    await this.database.run('DELETE FROM push_subscriptions WHERE id = ? AND staff_id = ?', [id, staffId]);
  }
}

const subscriptionId = (endpoint: string): string => createHash('sha256').update(endpoint).digest('hex');
