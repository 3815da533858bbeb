// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebPush, type PushAddress, type PushNotice } from '../../src/live/web-push.ts';
import { SECRET } from '../kit/app.ts';
import { PushService } from '../kit/push-service.ts';

const NOTICE: PushNotice = {
  payload: { title: 'Bussano', tag: 'suap' },
  topic: 'suap',
  subject: 'mailto:protocollo@unione.example',
};

describe('A push', () => {
  let service: PushService;
  let push: WebPush;

  beforeEach(async () => {
    service = await PushService.start(new WebPush(SECRET).publicKey);
    push = new WebPush(SECRET, [service.origin]);
  });
  afterEach(() => service.stop());

  test('Reaches a browser, sealed for it and signed by us, as the standards ask', async () => {
    expect(await push.send(service.subscribe(), NOTICE)).toBe('sent');
    expect(service.wrong).toEqual([]);
    expect(service.pushed).toEqual([
      {
        path: expect.stringMatching(/^\/push\//),
        payload: NOTICE.payload,
        ttl: '120',
        urgency: 'high',
        topic: 'suap',
        subject: NOTICE.subject,
      },
    ]);
  });

  test('Is signed with the same key after a restart, and with another under another secret', async () => {
    expect(new WebPush(SECRET).publicKey).toBe(push.publicKey);
    const other = new WebPush(`${SECRET} changed`, [service.origin]);
    expect(other.publicKey).not.toBe(push.publicKey);
    expect(Buffer.from(other.publicKey, 'base64url')).toHaveLength(65);
    expect(await other.send(service.subscribe(), NOTICE)).toBe('failed');
    expect(service.wrong).toEqual(['another key than the browser subscribed with']);
  });

  test.each([
    [200, 'sent'],
    [201, 'sent'],
    [404, 'gone'],
    [410, 'gone'],
    [400, 'failed'],
    [403, 'failed'],
    [429, 'failed'],
    [503, 'failed'],
    ['hang', 'failed'],
    ['reset', 'failed'],
    ['redirect', 'failed'],
  ] as const)('Whose service answers %s is %s', async (how, outcome) => {
    const address = service.subscribe();
    service.answer(address, how);
    const sender = how === 'hang' ? new WebPush(SECRET, [service.origin], 200) : push;
    expect(await sender.send(address, NOTICE)).toBe(outcome);
    expect(service.wrong).toEqual([]);
  });

  test('Goes to the push services we know, and nowhere else', async () => {
    const { p256dh, auth } = service.subscribe();
    const known = new WebPush(SECRET);
    const accepts = (endpoint: string, keys: Partial<PushAddress> = {}) =>
      known.accepts({ endpoint, p256dh, auth, ...keys });
    for (const endpoint of [
      'https://fcm.googleapis.com/fcm/send/abc',
      'https://updates.push.services.mozilla.com/wpush/v2/abc',
      'https://wns2-par02p.notify.windows.com/w/?token=abc',
      'https://web.push.apple.com/abc',
    ])
      expect([endpoint, accepts(endpoint)]).toEqual([endpoint, true]);
    for (const endpoint of [
      'http://fcm.googleapis.com/fcm/send/abc',
      'https://fcm.googleapis.com:8443/fcm/send/abc',
      'https://me:secret@fcm.googleapis.com/fcm/send/abc',
      'https://fcm.googleapis.com.evil.example/abc',
      'https://evil.example/?fcm.googleapis.com',
      'https://evilnotify.windows.com/abc',
      'https://notify.windows.com.evil.example/abc',
      'https://notify.windows.com/abc',
      'https://127.0.0.1/abc',
      'https://localhost/abc',
      'https://169.254.169.254/latest/meta-data',
      'file:///etc/passwd',
      `https://fcm.googleapis.com/${'x'.repeat(500)}`,
      'abc',
      '',
    ])
      expect([endpoint, accepts(endpoint)]).toEqual([endpoint, false]);
    const elsewhere = { endpoint: `${service.origin}/push/x`, p256dh, auth };
    expect(await known.send(elsewhere, NOTICE)).toBe('gone');
    expect(service.pushed).toEqual([]);
  });

  test('Is not taken on for a browser whose keys are none', () => {
    const good = service.subscribe();
    expect(push.accepts(good)).toBe(true);
    const point = Buffer.from(good.p256dh, 'base64url');
    const offTheCurve = Buffer.from(point);
    offTheCurve[64]! ^= 1;
    const wrong: Partial<PushAddress>[] = [
      { p256dh: '' },
      { p256dh: 'abc' },
      { p256dh: offTheCurve.toString('base64url') },
      { p256dh: point.subarray(0, 33).toString('base64url') },
      { p256dh: `${good.p256dh}=` },
      { auth: '' },
      { auth: `${good.auth}AA` },
      { auth: `${good.auth.slice(0, -2)}!!` },
    ];
    for (const keys of wrong) expect([keys, push.accepts({ ...good, ...keys })]).toEqual([keys, false]);
  });
});
