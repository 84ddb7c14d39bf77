/**
 * Answers: what is this endpoint called, what are its addresses, and what does it resolve a name to?
 *
 * Reads the hostname, the network interfaces, and asks the system's resolver. Changes nothing.
 * This module is the template for authors: docs/writing-modules.md walks through it.
 */
import { defineModule } from '@mig/module';
import { z } from 'zod';

/** Labels of letters, digits and inner hyphens, up to 63 long, joined by dots (RFC 1123, section 2.1). */
const fqdn = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

const Parameters = z.strictObject({
  gethostname: z.boolean().default(false).describe('Return the hostname.'),
  getaddresses: z.boolean().default(false).describe('Return the addresses of the network interfaces.'),
  lookuphost: z
    .array(z.string().regex(fqdn, 'expected a fully qualified domain name'))
    .default([])
    .describe('Return the addresses that this name resolves to on the endpoint.')
    .meta({ hint: '<fqdn>' }),
});
export type Parameters = z.output<typeof Parameters>;

const Elements = z.strictObject({
  hostname: z.string().optional().describe('Hostname of the endpoint'),
  addresses: z.array(z.string()).optional().describe('Addresses in CIDR form, loopback left out'),
  lookeduphost: z.record(z.string(), z.array(z.string())).optional().describe('Addresses by name that was looked up'),
});
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({ stufffound: z.int().describe('How many things were found') });

export const example = defineModule({
  name: 'example',
  summary: 'Returns the hostname and addresses of the endpoint, and looks up names.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: ['network'],
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    { asks: 'What is this endpoint called, and what are its addresses?', flags: ['-gethostname', '-getaddresses'] },
    { asks: 'What does it think localhost is?', flags: ['-lookuphost', 'localhost'] },
  ],

  async run(context) {
    const { findStuff } = await import('./find-stuff.ts');
    return findStuff(context);
  },

  *printElements({ hostname, addresses = [], lookeduphost = {} }) {
    if (hostname !== undefined) yield `hostname is ${hostname}`;
    for (const address of addresses) yield `address is ${address}`;
    for (const [name, found] of Object.entries(lookeduphost)) {
      for (const address of found) yield `lookedup host ${name} has IP ${address}`;
    }
  },

  printStatistics: ({ stufffound }) => [`${stufffound} stuff found`],

  enhancePrivacy: (elements) => ({
    ...elements,
    ...(elements.hostname === undefined ? {} : { hostname: 'masked' }),
    ...(elements.addresses === undefined ? {} : { addresses: elements.addresses.map(() => 'masked') }),
  }),
});
