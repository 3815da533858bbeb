// SPDX-License-Identifier: AGPL-3.0-or-later
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export const CLIENT = { clientId: 'sportello', clientSecret: 'a secret between the two' };

/** What the provider says of somebody, beside their `sub`, which is the name they sign in with. */
export type Said = Record<string, unknown>;

/** A real OpenID provider on this machine: the certified `oidc-provider`, which asks for a name and no true password. */
export class OpenIdProvider {
  readonly people = new Map<string, Said>();
  #server: Server | undefined;

  private constructor(
    readonly issuer: string,
    private readonly port: number,
  ) {}

  /** @param redirects where it may send people back to */
  static async start(redirects: string[]): Promise<OpenIdProvider> {
    const port = await freePort();
    const provider = new OpenIdProvider(`http://localhost:${port}`, port);
    await provider.open(redirects);
    return provider;
  }

  async open(redirects: string[]): Promise<void> {
    const { clientId: client_id, clientSecret: client_secret } = CLIENT;
    const provider = new Provider(this.issuer, {
      clients: [{ client_id, client_secret, redirect_uris: redirects }],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...this.people.get(sub) }) }),
      loadExistingGrant: async ({ oidc }) => {
        const { accountId } = oidc.session ?? {};
        const grant = new oidc.provider.Grant({ clientId: client_id, ...(accountId && { accountId }) });
        grant.addOIDCScope('openid email profile');
        await grant.save();
        return grant;
      },
    });
    this.#server = createServer((request, response) => void provider.callback()(request, response));
    this.#server.listen(this.port, 'localhost');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    this.#server?.close();
    if (this.#server?.listening) await once(this.#server, 'close');
  }

  /** Signs in as `sub` in a new browser. @returns the address it sends back to */
  async visit(address: string, sub: string): Promise<string> {
    const jar = new Map<string, string>();
    let next = address;
    for (let step = 0; step < 10 && next.startsWith(this.issuer); step++) {
      const asked = /\/interaction\/[\w-]+$/.test(next);
      const answer = await fetch(next, {
        redirect: 'manual',
        headers: { cookie: [...jar].map((pair) => pair.join('=')).join('; ') },
        ...(asked && { method: 'POST', body: new URLSearchParams({ prompt: 'login', login: sub, password: 'x' }) }),
      });
      for (const cookie of answer.headers.getSetCookie()) {
        const [name = '', value = ''] = cookie.split(';')[0]!.split('=');
        jar.set(name, value);
      }
      next = new URL(answer.headers.get('location') ?? 'about:blank', next).href;
    }
    return next;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
