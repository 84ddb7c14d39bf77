import { expect, test } from 'vitest';
import { checkOperations } from './check-operations.ts';

const good = { module: 'netstat', parameters: { listeningport: [22] } };

test('takes operations whose parameters their modules take', () => {
  expect(checkOperations([good], 'a.json')).toEqual([]);
});

test.each([
  [{ module: 'netstat', parameters: { listeningprot: [22] } }, 'operations[1] (netstat): parameters: unknown key'],
  [{ module: 'netstta', parameters: {} }, "operations[1]: there is no module 'netstta': did you mean netstat?"],
])('refuses %j', (bad, expected) => {
  expect(() => checkOperations([good, bad], 'a.json')).toThrow(`a.json: ${expected}`);
});

test('lets pass, with a note, a module that only agents know', () => {
  expect(checkOperations([{ module: 'payroll', parameters: {} }], 'a.json')).toEqual([
    "a.json: operations[0]: mig does not know the module 'payroll'; agents without it refuse the operation",
  ]);
});
