// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Staff } from '../../access/staff.ts';
import type { Chance } from '../../bookings/chance.ts';
import { Tokens } from '../../bookings/token.ts';
import { AccessLog, type Doer } from '../../database/staff/access-log.ts';
import type { Authorities } from '../../database/authorities.ts';
import type { Database } from '../../database/engine/database.ts';
import { Sessions } from '../../database/staff/sessions.ts';
import { StaffBook } from '../../database/staff/staff-book.ts';
import type { Authority } from '../../offices/authority.ts';
import { ROLES } from '../../offices/definition.ts';
import type { Clock } from '../../time/clock.ts';
import { Issuer } from '../issuer.ts';
import { StaffDesk, type FirstEntry, type NewcomerFault } from './staff-desk.ts';

const USAGE = `npm run staff -- add --email mario@comune.it --name "Mario Rossi" --role head --offices suap,sue
npm run staff -- list
npm run staff -- reset --email mario@comune.it
npm run staff -- disable --email mario@comune.it     (enable lets them in again)
roles: ${ROLES.join(', ')}; --offices for operator and head; --authority ID where there are several`;

export interface StaffOptions {
  readonly authority?: string;
  readonly email?: string;
  readonly name?: string;
  readonly role?: string;
  readonly offices?: string;
}

/** Whoever sits at the machine itself. */
const CONSOLE: Doer = { id: 'console', name: 'console' };

/** What `npm run staff` does: who may enter, said at the machine. */
export class StaffCommand {
  readonly #book: StaffBook;
  readonly #desk: StaffDesk;
  readonly #log: AccessLog;

  constructor(
    private readonly authorities: Authorities,
    database: Database,
    clock: Clock,
    chance: Chance,
    secret: string,
  ) {
    this.#book = new StaffBook(database);
    this.#log = new AccessLog(database, clock, secret);
    const issuer = new Issuer(clock, chance, new Tokens(secret));
    this.#desk = new StaffDesk(this.#book, new Sessions(database), this.#log, issuer, chance);
  }

  /** @returns the lines to print. @throws Error a sentence for whoever typed it */
  async run([verb, ...more]: readonly string[], options: StaffOptions): Promise<string[]> {
    if (more.length) throw new Error(`not understood: ${more.join(' ')}\n${USAGE}`);
    const authority = await this.#authority(options.authority);
    if (verb === 'list') return (await this.#desk.of(authority)).map(lineOf);
    // An entry written with another secret would look like one that somebody forged.
    if (!(await this.#log.isOurs(authority.id)))
      throw new Error('TOKEN_SECRET is not the one that the running instance has; nothing was changed');
    if (verb === 'add') return this.#add(authority, options);
    if (verb !== 'reset' && verb !== 'disable' && verb !== 'enable') throw new Error(USAGE);
    return this.#change(verb, authority, await this.#named(authority, options.email));
  }

  async #add(authority: Authority, { email, name, role, offices }: StaffOptions): Promise<string[]> {
    if (!email || !name || !role) throw new Error(`add needs --email, --name and --role\n${USAGE}`);
    const named = (offices ?? '').split(',').map((id) => id.trim());
    const newcomer = { email, name, role, offices: named.filter(Boolean) };
    const added = await this.#desk.add(authority, newcomer, CONSOLE);
    if (typeof added === 'string') throw new Error(sentenceOf(added, authority));
    return linesOf(added);
  }

  async #change(verb: 'reset' | 'disable' | 'enable', authority: Authority, staff: Staff): Promise<string[]> {
    if (verb === 'reset') return linesOf({ staff, password: await this.#desk.reset(authority, staff, CONSOLE) });
    if (verb === 'enable') await this.#desk.enable(authority, staff, CONSOLE);
    else if (await this.#desk.disable(authority, staff, CONSOLE))
      throw new Error(`${staff.email} is the last administrator: name another first; nothing was changed`);
    return [`${staff.email} ${verb === 'enable' ? 'may enter again' : 'may no longer enter'}`];
  }

  async #authority(id: string | undefined): Promise<Authority> {
    const all = await this.authorities.all();
    if (!all.length) throw new Error('there is no authority yet: npm start, or npm run import -- FILE.yaml');
    const ids = all.map((authority) => authority.id).join(', ');
    if (!id && all.length > 1) throw new Error(`say which authority: --authority with one of ${ids}`);
    const found = all.find((authority) => !id || authority.id === id);
    if (!found) throw new Error(`there is no authority ${id}; there are ${ids}`);
    return found;
  }

  async #named(authority: Authority, email: string | undefined): Promise<Staff> {
    if (!email) throw new Error(`say who: --email\n${USAGE}`);
    const staff = await this.#book.byEmail(authority.id, email);
    if (!staff) throw new Error(`nobody of ${authority.id} has the address ${email}`);
    return staff;
  }
}

const linesOf = ({ staff, password }: FirstEntry): string[] => [
  lineOf(staff),
  `password for the first entry, at /operatore: ${password}`,
];

const lineOf = ({ email, name, role, offices, disabledAt }: Staff): string =>
  [email, name, role, offices.join(','), disabledAt === null ? '' : '(disabled)'].filter(Boolean).join('  ');

function sentenceOf(fault: NewcomerFault, { id, offices }: Authority): string {
  const ids = offices.map((office) => office.id).join(', ');
  const sentences: Record<NewcomerFault, string> = {
    name: '--name is not a name of 1 to 100 characters',
    email: '--email is not an address such as mario@comune.it',
    taken: `somebody of ${id} has this address already`,
    role: `--role is none of ${ROLES.join(', ')}`,
    'no-office': `an operator and a head need --offices, some of ${ids}`,
    'unknown-office': `--offices names one that ${id} does not have; there are ${ids}`,
  };
  return `${sentences[fault]}; nothing was changed`;
}
