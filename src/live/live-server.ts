// SPDX-License-Identifier: AGPL-3.0-or-later
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import type { Clock, Millis } from '../time/clock.ts';
import type { Pass } from '../waiting-room/pass.ts';
import { GONE_AFTER_MS } from '../waiting-room/arrival.ts';
import { Allowance } from './allowance.ts';
import { Calls } from './calls.ts';
import { Chairs } from './chairs.ts';
import type { Gate, Guest } from './gate.ts';
import { Neighbours } from './neighbours.ts';
import { News } from './news.ts';
import { Places } from './places.ts';
import { ROOMS, socketsIn, type LiveIo, type LiveSocket } from './protocol.ts';
import { RedisLine } from './redis-line.ts';

/** A session description of a call with four has some 20 kB. */
const LARGEST_MESSAGE = 64 * 1024;
/** Each is answered: that is a citizen's sign of life, and who is silent for long has gone. */
const PING_EVERY_MS: Millis = 8_000;
const PONG_WITHIN_MS: Millis = 8_000;
/** Browsers may answer more often than they are asked. */
const ALIVE_AGAIN_MS: Millis = 4_000;
const CONNECT_WITHIN_MS: Millis = 10_000;
const REFUSED = 'refused';

/** One line for the log: what happened, and the fault behind it where there is one. */
type Tell = (event: string, fault?: unknown) => void;

/** The live connections of this instance, on the port of the pages under `/live`. */
export class LiveServer {
  readonly #io: LiveIo;
  readonly #line: RedisLine | undefined;
  readonly #neighbours: Neighbours;
  readonly #closed = new AbortController();
  readonly #news: News;
  readonly #places: Places;
  #chairs: Chairs | undefined;
  #calls: Calls | undefined;
  #gate: Gate | undefined;

  /** @param redisUrl where there are several instances */
  constructor(
    redisUrl: string | undefined,
    private readonly clock: Clock,
    private readonly tell: Tell,
  ) {
    this.#line = redisUrl === undefined ? undefined : new RedisLine(redisUrl, clock, (isUp) => this.#turned(isUp));
    this.#io = new Server({
      path: '/live',
      serveClient: false,
      transports: ['websocket'],
      maxHttpBufferSize: LARGEST_MESSAGE,
      pingInterval: PING_EVERY_MS,
      pingTimeout: PONG_WITHIN_MS,
      connectTimeout: CONNECT_WITHIN_MS,
      allowRequest: (request, answer) => void this.#allow(request, answer),
      ...(this.#line && { adapter: this.#line.adapter }),
    });
    this.#neighbours = new Neighbours(this.#io, clock, this.#line);
    this.#news = new News(this.#io, clock, this.#closed.signal);
    this.#places = new Places(this.#io);
  }

  /** Takes connections. @param gate whom to let in */
  open(server: HttpServer, gate: Gate): void {
    this.#gate = gate;
    const chairs = new Chairs(this.#io, gate, this.#neighbours);
    this.#chairs = chairs;
    this.#calls = new Calls(chairs);
    this.#io.attach(server);
    this.#io.engine.on('connection', (connection: LiveSocket['conn']) => this.#limit(connection));
    this.#io.use((socket, next) => void this.#letIn(socket, next));
    this.#io.on('connection', (socket) => this.#welcome(socket));
    this.#io.on('arrival', (id) => this.#heardOf(id));
    this.#io.on('seated', (id, who) => chairs.introduce(id, who));
    this.#io.on('risen', (id, who) => chairs.dismiss(id, who));
    this.#io.on('who', (id, answer) => answer(chairs.seatedHere(id)));
    this.#line?.start();
  }

  /** Ends every connection; browsers look for another instance. */
  close(): void {
    this.#closed.abort();
    this.#io.local.disconnectSockets(true);
    this.#io.engine?.close();
    this.#line?.close();
  }

  /** How many are connected here, by whose they are. */
  get counts(): Places['counts'] {
    return this.#places.counts;
  }

  /** Whether other instances are heard; null where there are none. */
  get isLineUp(): boolean | null {
    return this.#line?.isUp ?? null;
  }

  /** Something changed before an office's door. */
  door(authorityId: string, officeId: string): void {
    this.#news.soon(ROOMS.doors(authorityId));
    this.#news.soon(ROOMS.door(authorityId, officeId));
  }

  /** Something changed for one who waits, or in their call. */
  arrival(id: string): void {
    this.#heardOf(id);
    this.#neighbours.tellOfArrival(id);
  }

  async #allow(request: IncomingMessage, answer: (fault: string | null, isOurs: boolean) => void): Promise<void> {
    const isFull = this.#closed.signal.aborted || this.#places.isFull;
    const isOurs = !isFull && (await this.#trying(false, (gate) => gate.isOurs(request)));
    answer(isOurs ? null : REFUSED, isOurs);
  }

  async #letIn(socket: LiveSocket, go: (fault?: Error) => void): Promise<void> {
    const guest = await this.#enter(socket);
    if (guest) go();
    else go(new Error(REFUSED));
  }

  /** Puts who comes in where they belong; null when they are refused. */
  async #enter(socket: LiveSocket): Promise<Guest | null> {
    const guest = await this.#trying(null, (gate) => gate.admit(socket.request, socket.handshake.auth));
    const client = this.#gate?.clientOf(socket.request) ?? '';
    if (!guest || !this.#places.hasPlaceFor(guest, client)) return null;
    socket.data.guest = guest;
    await socket.join(this.#places.roomsOf(guest, client));
    return guest;
  }

  /** Whatever they send counts, also what no handler of ours hears: a ping answered unasked, a name that is no namespace. */
  #limit(connection: LiveSocket['conn']): void {
    const allowance = new Allowance(this.clock);
    connection.on('packet', () => {
      if (!allowance.take()) connection.close(true);
    });
  }

  #welcome(socket: LiveSocket): void {
    const { pass } = socket.data.guest;
    if (!pass) return;
    let heard = -Infinity;
    const isAlive = (): void => {
      const now = this.clock.now();
      if (now - heard < ALIVE_AGAIN_MS) return;
      heard = now;
      void this.#trying(undefined, (gate) => gate.alive(pass));
      void this.#trying(undefined, () => this.#chairs?.recheck(socket) ?? Promise.resolve());
    };
    socket.conn.on('heartbeat', isAlive);
    isAlive();
    socket.on('disconnecting', (reason) => this.#miss(socket, pass, reason === 'ping timeout' ? PONG_WITHIN_MS : 0));
    this.#calls?.welcome(socket, pass);
  }

  /**
   * Until now somebody was there, or until they were asked and did not answer: from then on they have their half minute.
   * Others see when it is over: no change in the database says so.
   */
  #miss(socket: LiveSocket, pass: Pass, silence: Millis): void {
    const { role, authorityId } = pass;
    if (!this.#closed.signal.aborted) void this.#trying(undefined, (gate) => gate.alive(pass, silence));
    const before = [...socket.rooms].filter((room) => room.startsWith('door:'));
    const gone = (): void => [ROOMS.doors(authorityId), ...before].forEach((room) => this.#news.soon(room));
    if (role === 'citizen') this.clock.sleep(GONE_AFTER_MS - silence, this.#closed.signal).then(gone, () => undefined);
  }

  /** An arrival changed: its pages are told, and who sits where they may no longer has to leave. */
  #heardOf(id: string): void {
    this.#news.soon(ROOMS.arrival(id), true);
    void this.#trying(undefined, () => this.#chairs?.review(id) ?? Promise.resolve());
    for (const socket of socketsIn(this.#io, ROOMS.arrival(id))) void this.#follow(socket);
  }

  /** Who was handed on hears of the door before which they are now. */
  async #follow(socket: LiveSocket): Promise<void> {
    const { pass } = socket.data.guest;
    const officeId = pass && (await this.#trying(null, (gate) => gate.officeOf(pass)));
    if (!pass || !officeId) return;
    const now = ROOMS.door(pass.authorityId, officeId);
    if (socket.rooms.has(now)) return;
    for (const room of socket.rooms) if (room.startsWith('door:')) void socket.leave(room);
    void socket.join(now);
  }

  #turned(isUp: boolean): void {
    this.tell(isUp ? 'redis answers again' : 'redis does not answer: live events reach this instance only');
    this.#news.toAllHere();
    if (!isUp) void this.#news.againAndAgain(() => !this.#line?.isUp);
    else void this.#trying(undefined, () => this.#chairs?.reunite() ?? Promise.resolve());
  }

  /** A database that does not answer refuses who comes; that is one line in the log, and no fault of the connection's. */
  async #trying<T>(otherwise: T, ask: (gate: Gate) => Promise<T>): Promise<T> {
    try {
      return this.#gate ? await ask(this.#gate) : otherwise;
    } catch (fault) {
      this.tell('live', fault);
      return otherwise;
    }
  }
}
