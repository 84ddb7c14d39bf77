import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAddress, holds, parseAddress, parseNetwork } from './address.ts';
import { NetworkSet } from './network-set.ts';

const bytes = fc.oneof(
  fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }),
  fc.array(fc.nat(255), { minLength: 16, maxLength: 16 }),
);

/** An address, the length of a prefix, and an address that differs from the first in one bit at most. */
const neighbours = fc.tuple(bytes, fc.nat(128), fc.option(fc.nat(127))).map(([first, length, bit]) => {
  const bits = first.length * 8;
  const second = first.map((byte, i) => (bit !== null && (bit % bits) >> 3 === i ? byte ^ (0x80 >> (bit & 7)) : byte));
  return { first: formatAddress(first), prefix: Math.min(length, bits), second: formatAddress(second) };
});

test('an address is in a network when Python’s ipaddress says so, one bit off or not', () => {
  const cases = fc.sample(neighbours, 1_000);
  const program = `
import ipaddress, json, sys
print(json.dumps([ipaddress.ip_address(c['second']) in ipaddress.ip_network(c['first'] + '/' + str(c['prefix']), strict=False)
  for c in json.load(sys.stdin)]))`;
  const input = JSON.stringify(cases);
  const truth = JSON.parse(execFileSync('python3', ['-c', program], { input, encoding: 'utf8' })) as boolean[];
  const ours = cases.map(({ first, prefix, second }) => {
    const network = `${first}/${prefix}`;
    const isIn = holds(parseNetwork(network)!, parseAddress(second)!);
    expect([network, second, new NetworkSet([network]).matching(parseAddress(second)!)]).toEqual([
      network,
      second,
      isIn ? [network] : [],
    ]);
    return isIn;
  });
  expect(ours).toEqual(truth);
  expect(new Set(ours)).toEqual(new Set([true, false]));
});

test('many networks at once match as each of them does alone', () => {
  fc.assert(
    fc.property(fc.array(neighbours, { maxLength: 30 }), neighbours, (cases, { second }) => {
      const values = [...new Set(cases.map(({ first, prefix }) => `${first}/${prefix}`))];
      const close = [second, ...cases.map((one) => one.second), ...cases.map((one) => `::ffff:${one.first}`)];
      for (const text of close) {
        const address = parseAddress(text);
        if (address === undefined) continue;
        const expected = values.filter((value) => holds(parseNetwork(value)!, address));
        expect([...new NetworkSet(values).matching(address)].sort()).toEqual(expected.sort());
      }
    }),
  );
});
