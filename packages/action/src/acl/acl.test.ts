import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Acl, parseAcl } from './acl.ts';
import { evaluateAcl } from './evaluate-acl.ts';

interface Policy {
  readonly acl: unknown;
  readonly allowed: readonly { readonly module: string; readonly signers: readonly string[] }[];
  readonly denied: readonly {
    readonly module: string;
    readonly signers: readonly string[];
    readonly codes: readonly string[];
  }[];
}

const folder = join(import.meta.dirname, 'testdata/policies');
const alice = '1'.repeat(40);
const bob = '2'.repeat(40);
const acl = (investigators: object, minimumweight: unknown = 1) =>
  JSON.stringify({ default: { minimumweight, investigators } });

describe('example policies', () => {
  test.each(readdirSync(folder))('%s allows and denies what it says', (name) => {
    const policy = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Policy;
    const list = parseAcl(JSON.stringify(policy.acl));

    for (const { module, signers } of policy.allowed) {
      expect(evaluateAcl({ acl: list, module, signers })).toMatchObject({ allowed: true, refusals: [] });
    }
    for (const { module, signers, codes } of policy.denied) {
      const { allowed, refusals } = evaluateAcl({ acl: list, module, signers });
      expect({ allowed, codes: refusals.map(({ code }) => code) }).toEqual({ allowed: false, codes });
    }
  });

  test('a refusal says what weighed how much, and under which permission', () => {
    const list = parseAcl(acl({ Alice: { fingerprint: alice, weight: 2 } }, 5));

    expect(evaluateAcl({ acl: list, module: 'file', signers: [alice] })).toEqual({
      allowed: false,
      permission: 'default',
      weight: 2,
      minimumweight: 5,
      refusals: [
        {
          code: 'ACL_WEIGHT_TOO_LOW',
          message: "signatures weigh 2 for module 'file', expected at least 5 (permission 'default')",
          wayout: 'Have another investigator of that permission sign the action as well.',
        },
      ],
    });
  });
});

describe('parseAcl', () => {
  test.each([
    [
      'a minimum of 0, which anybody reaches',
      acl({}, 0),
      /^access list: default\.minimumweight: expected at least 1, got 0/,
    ],
    ['a negative minimum', acl({}, -1), /minimumweight: expected at least 1, got -1/],
    ['a fraction', acl({}, 1.5), /minimumweight: expected a whole number, got 1\.5/],
    ['a minimum in quotes', acl({}, '2'), /minimumweight: expected a number, got '2'/],
    ['no minimum', '{"default":{"investigators":{}}}', /minimumweight: expected a number, got nothing/],
    ['no investigators', '{"default":{"minimumweight":1}}', /investigators: expected an object, got nothing/],
    ['a negative weight', acl({ Alice: { fingerprint: alice, weight: -1 } }), /weight: expected at least 0, got -1/],
    ['a key id', acl({ Alice: { fingerprint: '1111222233334444', weight: 1 } }), /expected a fingerprint of 40 or 64/],
    ['a misspelt key', '{"default":{"minimumweight":1,"investigators":{},"maximum":2}}', /unknown key 'maximum'/],
    ['a key in upper case', '{"Default":{"minimumweight":1,"investigators":{}}}', /Default: /],
    ['a list', '[]', /^access list: expected an object, got a list of 0$/],
    ['nothing', '', /^access list is not JSON/],
    [
      'one fingerprint under two names, whose weight would count twice',
      acl({ Alice: { fingerprint: alice, weight: 1 }, Alicia: { fingerprint: `0x${alice}`, weight: 1 } }),
      /investigators: expected every fingerprint once, but 1{40} is there twice/,
    ],
    [
      'a permission that a later one would hide',
      '{"default":{"minimumweight":9,"investigators":{}},"default":{"minimumweight":1,"investigators":{}}}',
      /the key 'default' is there twice in one object/,
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseAcl(text)).toThrow(message);
  });
});

describe('evaluateAcl, for any access list', () => {
  const fingerprint = fc.constantFrom(...[...'123456'].map((digit) => digit.repeat(40)));
  const permission = fc
    .uniqueArray(fc.record({ fingerprint, weight: fc.nat({ max: 5 }) }), { selector: (entry) => entry.fingerprint })
    .chain((entries) =>
      fc.record({
        minimumweight: fc.integer({ min: 1, max: 12 }),
        investigators: fc.constant(Object.fromEntries(entries.map((entry, i) => [`person ${i}`, entry]))),
      }),
    );
  const anyAcl: fc.Arbitrary<Acl> = fc.dictionary(fc.constantFrom('default', 'file', 'memory'), permission, {
    noNullPrototype: true,
  });
  const signers = fc.uniqueArray(fingerprint);
  const module = fc.constantFrom('file', 'memory', 'netstat');

  test('allows exactly when the weights of the distinct signers reach the minimum of the permission', () => {
    fc.assert(
      fc.property(anyAcl, module, signers, (list, name, who) => {
        const { allowed, refusals, weight, permission: used } = evaluateAcl({ acl: list, module: name, signers: who });

        const applied = list[name] ?? list['default'];
        const entries = Object.values(applied?.investigators ?? {});
        const sum = who.reduce((total, signer) => {
          return total + (entries.find((entry) => entry.fingerprint === signer)?.weight ?? 0);
        }, 0);
        expect(weight).toBe(sum);
        expect(allowed).toBe(applied !== undefined && sum >= applied.minimumweight);
        expect(allowed).toBe(refusals.length === 0);
        expect(used).toBe(list[name] !== undefined ? name : list['default'] !== undefined ? 'default' : null);
      }),
    );
  });

  test('allows nothing to nobody, and nothing to people it does not name', () => {
    fc.assert(
      fc.property(anyAcl, module, (list, name) => {
        expect(evaluateAcl({ acl: list, module: name, signers: [] }).allowed).toBe(false);
        expect(evaluateAcl({ acl: list, module: name, signers: ['A'.repeat(40), 'B'.repeat(40)] }).allowed).toBe(false);
      }),
    );
  });

  test('a further signer never takes a permission away, and the order does not matter', () => {
    fc.assert(
      fc.property(anyAcl, module, signers, signers, (list, name, some, more) => {
        const all = [...new Set([...some, ...more])];
        const before = evaluateAcl({ acl: list, module: name, signers: some });
        const after = evaluateAcl({ acl: list, module: name, signers: all });

        if (before.allowed) expect(after.allowed).toBe(true);
        expect(evaluateAcl({ acl: list, module: name, signers: all.toReversed() })).toEqual(after);
      }),
    );
  });

  test('signing twice never helps', () => {
    fc.assert(
      fc.property(anyAcl, module, signers, (list, name, who) => {
        fc.pre(who.length > 0);
        const twice = evaluateAcl({ acl: list, module: name, signers: [...who, who[0]!.toLowerCase()] });

        expect(twice.allowed).toBe(false);
        expect(twice.refusals[0]?.code).toBe('SIGNER_REPEATED');
      }),
    );
  });

  test('what is read back from JSON decides the same', () => {
    fc.assert(
      fc.property(anyAcl, module, signers, (list, name, who) => {
        const question = { module: name, signers: who };

        expect(evaluateAcl({ acl: parseAcl(JSON.stringify(list)), ...question })).toEqual(
          evaluateAcl({ acl: list, ...question }),
        );
      }),
    );
  });

  test('a list that was never checked still fails closed', () => {
    const broken = { default: { minimumweight: 0, investigators: {} } } as Acl;
    const notANumber = {
      default: { minimumweight: Number.NaN, investigators: { Bob: { fingerprint: bob, weight: 9 } } },
    } as Acl;

    expect(evaluateAcl({ acl: broken, module: 'file', signers: [] }).allowed).toBe(false);
    expect(evaluateAcl({ acl: notANumber, module: 'file', signers: [bob] }).allowed).toBe(false);
  });
});
