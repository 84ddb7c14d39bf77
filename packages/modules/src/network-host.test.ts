import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isHost, parseHostAndPort } from './network-host.ts';

test.each([
  ['localhost', { host: 'localhost', port: undefined }],
  ['ntp.example.net:123', { host: 'ntp.example.net', port: 123 }],
  ['192.0.2.1:1', { host: '192.0.2.1', port: 1 }],
  ['2001:db8::1', { host: '2001:db8::1', port: undefined }],
  ['[2001:db8::1]', { host: '2001:db8::1', port: undefined }],
  ['[fe80::1%eth0]:65535', { host: 'fe80::1%eth0', port: 65535 }],
  ['', undefined],
  ['host:', undefined],
  ['host:0', undefined],
  ['host:65536', undefined],
  ['[host]:1', undefined],
  ['[::1', undefined],
  ['-x', undefined],
  ['a..b', undefined],
  ['host%eth0', undefined],
  [':::', undefined],
  ['a b', undefined],
  ['a\nb', undefined],
])('reads %j', (text, expected) => {
  expect(parseHostAndPort(text)).toEqual(expected);
});

test('every address that Node knows is a host, with a port as well', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65535 }), (address, port) => {
      expect([isIP(address) > 0, isHost(address)]).toEqual([true, true]);
      const text = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
      expect(parseHostAndPort(text)).toEqual({ host: address, port });
    }),
  );
});
