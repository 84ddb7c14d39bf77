import { expect, test } from 'vitest';
import { checkOperations } from './check-operations.ts';

const good = { module: 'netstat', parameters: { listeningport: [22] } };

test('takes operations whose parameters their modules take', () => {
  expect(checkOperations([good], 'a.json')).toEqual({ operations: [good], notes: [] });
});

test.each([
  [{ module: 'netstat', parameters: { listeningprot: [22] } }, 'operations[1] (netstat): parameters: unknown key'],
  [
    { module: 'netstat', parameters: { listeningport: ['22', 'x'] } },
    "operations[1] (netstat): parameter 'listeningpo",
  ],
  [{ module: 'netstat', parameters: { listeningport: ['70000'] } }, "operations[1] (netstat): parameter 'listeningpo"],
  [{ module: 'netstta', parameters: {} }, "operations[1]: there is no module 'netstta': did you mean netstat?"],
])('refuses %j', (bad, expected) => {
  expect(() => checkOperations([good, bad], 'a.json')).toThrow(`a.json: ${expected}`);
});

test('takes ports that are written as texts, as action files have always had them, and says so', () => {
  const written = { module: 'netstat', parameters: { listeningport: ['22', 631], connectedip: ['10.0.0.0/8'] } };
  expect(checkOperations([written], 'a.json')).toEqual({
    operations: [{ module: 'netstat', parameters: { listeningport: [22, 631], connectedip: ['10.0.0.0/8'] } }],
    notes: ['a.json: operations[0] (netstat): texts were taken as the numbers that they stand for'],
  });
  expect(written.parameters.listeningport).toEqual(['22', 631]);
});

test('lets pass, with a note, a module that only agents know', () => {
  expect(checkOperations([{ module: 'payroll', parameters: {} }], 'a.json').notes).toEqual([
    "a.json: operations[0]: mig does not know the module 'payroll'; agents without it refuse the operation",
  ]);
});
