// SPDX-License-Identifier: AGPL-3.0-or-later
import { MailFailure } from './mail-failure.ts';
import { oneLine } from './plain.ts';

/** A name, which may be empty, and an addr-spec (RFC 5322 3.4.1) never written together as one string. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** A dot-atom before the @, a host name after it; `=?` may not begin an encoded word. */
const ADDR_SPEC = /^(?!.*=\?)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*$/u;

/** @throws MailFailure permanent, when the address is not a single addr-spec. */
export function mailbox(name: string, address: string): Mailbox {
  if (address.length > 254 || !ADDR_SPEC.test(address)) throw new MailFailure('permanent', 'not a mail address');
  return { name: oneLine(name, 100), address };
}

export const domainOf = ({ address }: Mailbox): string => address.slice(address.lastIndexOf('@') + 1);
