// SPDX-License-Identifier: AGPL-3.0-or-later
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder } from './folder.ts';
import { freePorts, type Kept } from './keeper.ts';
import { admitUser, answers, freshDatabase, installDatabase, PASSWORD, prepare, startServer, USER } from './mariadb.ts';

const NODES = 3;
const PROVIDER = '/usr/lib/galera/libgalera_smm.so';
/** A dead node is given up after two seconds, as the fault tests presume. */
const LIVENESS =
  'evs.keepalive_period=PT0.5S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT6S;evs.install_timeout=PT6S';

interface Ports {
  sql: number;
  group: number;
  increments: number;
  snapshot: number;
}

export interface Cluster {
  /** One URL a node, all of the same database, empty at first. */
  urls: string[];
  /** The URLs, one a node, of another new database. */
  freshUrls(): Promise<string[]>;
  /** Ends a node as a failing machine would. */
  kill(node: number): void;
  stop(): Promise<void>;
}

const synced = (rows: unknown): boolean => JSON.stringify(rows).includes('"Value":"4"');
const sized = (rows: unknown): boolean => JSON.stringify(rows).includes(`"Value":"${NODES}"`);

function options(all: Ports[], own: Ports): string[] {
  return [
    '--binlog-format=ROW',
    '--innodb-autoinc-lock-mode=2',
    '--wsrep-on=ON',
    `--wsrep-provider=${PROVIDER}`,
    `--wsrep-cluster-address=gcomm://${all.map(({ group }) => `127.0.0.1:${group}`).join(',')}`,
    `--wsrep-node-address=127.0.0.1:${own.group}`,
    '--wsrep-sst-method=rsync',
    `--wsrep-sst-receive-address=127.0.0.1:${own.snapshot}`,
    `--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:${own.group};ist.recv_addr=127.0.0.1:${own.increments};gcache.size=32M;${LIVENESS}`,
  ];
}

/** Three Galera nodes on the loopback, about twelve seconds; they end with `stop` or with this process. */
export async function startCluster(): Promise<Cluster> {
  const parent = newFolder('galera');
  const free = await freePorts(NODES * 4);
  const ports = Array.from({ length: NODES }, (_, node): Ports => {
    const [sql = 0, group = 0, increments = 0, snapshot = 0] = free.slice(node * 4);
    return { sql, group, increments, snapshot };
  });
  const servers: Kept[] = [];
  for (const [node, own] of ports.entries()) {
    const folder = join(parent, `${node}`);
    prepare(folder);
    if (node === 0) installDatabase(folder); // the others receive everything from the first
    const server = startServer(folder, own.sql, [
      ...options(ports, own),
      ...(node === 0 ? ['--wsrep-new-cluster'] : []),
    ]);
    servers.push(server);
    await answers(server, own.sql, "SHOW STATUS LIKE 'wsrep_local_state'", synced);
    if (node === 0) await admitUser(own.sql);
  }
  for (const [node, server] of servers.entries()) {
    await answers(server, ports[node]?.sql ?? 0, "SHOW STATUS LIKE 'wsrep_cluster_size'", sized);
  }
  return clusterOf(parent, servers, ports);
}

async function clusterOf(parent: string, servers: Kept[], ports: Ports[]): Promise<Cluster> {
  const freshUrls = async (): Promise<string[]> => {
    const first = new URL(await freshDatabase(`mysql://${USER}:${PASSWORD}@127.0.0.1:${ports[0]?.sql}/`));
    for (const [node, server] of servers.entries()) {
      await answers(server, ports[node]?.sql ?? 0, `USE ${first.pathname.slice(1)}`); // the other nodes hear of it later
    }
    return ports.map(({ sql }) => Object.assign(new URL(first), { port: `${sql}` }).href);
  };
  return {
    urls: await freshUrls(),
    freshUrls,
    kill: (node) => servers[node]?.kill('SIGKILL'),
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
      rmSync(parent, { recursive: true, force: true });
    },
  };
}
