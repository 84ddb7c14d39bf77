import { createUuid, queueLocation } from '@mig/action';
import { startPostgres, type TestPostgres } from '@mig/testing';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertAgent } from '../database/agents.ts';
import { type Database, openDatabase } from '../database/open-database.ts';
import { compileTarget } from './compile-target.ts';
import { expandTarget } from './macros.ts';
import { countSelected, listAgents } from './select-agents.ts';

let server: TestPostgres;
let postgres: Database;
let embedded: Database;

beforeAll(async () => {
  server = await startPostgres();
  [postgres, embedded] = await Promise.all([openDatabase({ url: server.url }), openDatabase({ url: 'memory:' })]);
  for (const [at, name] of names.entries()) {
    const id = createUuid();
    const os = systems[at % systems.length]!;
    const introduction = {
      name,
      queueloc: queueLocation({ os, name, id }),
      mode: at % 4 === 0 ? ('checkin' as const) : ('daemon' as const),
      version: `1.${at % 3}.0`,
      pid: 100 * at,
      starttime: new Date(Date.UTC(2026, at % 12, 1 + at)).toISOString(),
      environment: {
        os,
        ident: `${os} ${at}`,
        init: at % 2 === 0 ? 'systemd' : 'upstart',
        arch: 'amd64',
        isproxied: at % 3 === 0,
        addresses: [`10.0.${at}.7/24`, `fd00::${at}/64`],
        modules: ['file', 'netstat'].slice(0, 1 + (at % 2)),
        ...(at % 5 === 0 ? { publicip: `192.0.2.${at}` } : {}),
      },
    };
    const agent = { id, introduction, tags: at % 2 === 0 ? { team: 'web' } : { team: "o'brien", zone: 'ü' } };
    for (const { db } of [postgres, embedded]) await insertAgent(db, agent);
  }
});
afterAll(async () => {
  await Promise.all([postgres.close(), embedded.close()]);
  await server.close();
});

const systems = ['linux', 'windows', 'darwin'];
const names = [
  'web1',
  'web2',
  'WEB3',
  'db-1',
  'db_2',
  "o'hara",
  'ünïcode',
  'a%b',
  'back\\slash',
  'x'.repeat(200),
  'mail',
  '7',
];

/** What `target` selects when PostgreSQL reads it itself; undefined when it is no condition to it. */
async function truthOf(target: string): Promise<string[] | undefined> {
  try {
    const { rows } = await sql
      .raw<{ name: string }>(`SELECT name FROM agents WHERE (${target}\n) ORDER BY name, id`)
      .execute(postgres.db);
    return rows.map(({ name }) => name);
  } catch {
    return undefined;
  }
}

async function selected({ db }: Database, target: string): Promise<string[]> {
  const rows = await listAgents(db, { condition: await compileTarget(target) }, { limit: 1_000 });
  return rows.map(({ name }) => name);
}

const text = fc
  .constantFrom(
    'name',
    'queueloc',
    'version',
    'status',
    'mode',
    "environment->>'os'",
    "environment->>'ident'",
    "tags->>'team'",
    "tags->>'zone'",
    "environment#>>'{addresses,0}'",
    'lower(name)',
    'left(name, 3)',
    "split_part(queueloc, '.', 2)",
    'substring(name, 2, 3)',
    "coalesce(environment->>'publicip', '')",
    "name || '-' || version",
    'id::text',
    'trim(name)',
    'name::varchar(3)',
    'agents.name',
    'CAST(pid AS text)',
    'name::char',
    'pid::numeric(7, 2)::text',
    "upper(tags->>'zone')",
    'replace_me',
  )
  .filter((one) => one !== 'replace_me');
const constant = fc.constantFrom(
  "'web1'",
  "'linux'",
  "'%b%'",
  "'web_'",
  "'o''hara'",
  "'o''brien'",
  "'ü'",
  "''",
  "'a\\%b'",
  "E'back\\\\slash'",
  "'1.1.0'",
  '$$web2$$',
  "'W%'",
  "'7'",
  "U&'\\00fc'",
  "'offline'",
  'NULL',
);
const number = fc.constantFrom(
  'pid',
  'length(name)',
  'pid % 7',
  '-pid',
  "position('b' in name)",
  'pid / 3',
  'abs(pid - 500)',
  "(environment->>'pid')::int",
  "jsonb_array_length(environment->'modules')",
  '3.5',
  '-2',
  '1e3',
  'round(pid / 7.0, 1)',
  "date_part('month', starttime)::int",
  'extract(year from starttime)',
);
const moment = fc.constantFrom(
  'starttime',
  'heartbeattime',
  'now()',
  "now() - interval '1 day'",
  "'2026-03-01'::timestamptz",
  'CURRENT_TIMESTAMP',
  "date_trunc('month', starttime)",
  "timestamp '2026-06-01 12:00'",
);
const pattern = fc.constantFrom("'^web'", "'[0-9]$'", "'(?i)WEB'", "'b.?[12]'", "'\\\\'", "'x{3,}'", "'^$'");
const compare = fc.constantFrom('=', '<>', '!=', '<', '<=', '>', '>=');

const leaf = fc.oneof(
  fc.tuple(text, compare, constant).map((parts) => parts.join(' ')),
  fc
    .tuple(text, fc.constantFrom('LIKE', 'NOT LIKE', 'ILIKE', 'NOT ILIKE', '~~', '!~~*'), constant)
    .map((parts) => parts.join(' ')),
  fc.tuple(text, fc.constantFrom('~', '!~', '~*', '!~*'), pattern).map((parts) => parts.join(' ')),
  fc
    .tuple(text, fc.constantFrom('IN', 'NOT IN'), fc.array(constant, { minLength: 1, maxLength: 3 }))
    .map(([a, op, list]) => `${a} ${op} (${list.join(', ')})`),
  fc
    .tuple(text, fc.constantFrom('= ANY', '<> ALL'), fc.array(constant, { minLength: 1, maxLength: 3 }))
    .map(([a, op, list]) => `${a} ${op} (ARRAY[${list.join(', ')}])`),
  fc.tuple(number, compare, number).map((parts) => parts.join(' ')),
  fc
    .tuple(number, fc.constantFrom('BETWEEN', 'NOT BETWEEN'), number, number)
    .map(([a, op, b, c]) => `${a} ${op} ${b} AND ${c}`),
  fc.tuple(moment, compare, moment).map((parts) => parts.join(' ')),
  fc
    .tuple(text, fc.constantFrom('IS NULL', 'IS NOT NULL', "IS DISTINCT FROM 'web1'", 'IS NOT DISTINCT FROM NULL'))
    .map((parts) => parts.join(' ')),
  fc.constantFrom(
    'environment @> \'{"os": "linux"}\'',
    "tags ? 'zone'",
    "tags ?| ARRAY['zone', 'x']",
    "tags ?& ARRAY['zone', 'team']",
    "environment->'modules' ? 'netstat'",
    "(environment#>>'{addresses,0}')::inet << '10.0.0.0/16'",
    "'10.0.3.0/24'::cidr >>= (environment#>>'{addresses,0}')::inet",
    "family((environment#>>'{addresses,1}')::inet) = 6",
    "(environment->>'isproxied')::bool",
    "(environment->>'isproxied')::bool IS NOT TRUE",
    "starts_with(name, 'db')",
    'true',
    'false',
    'NULL',
    '/* a comment */ true',
    'true -- the rest',
    "jsonb_typeof(environment->'publicip') = 'string'",
    "name = 'web1'::text",
    "name LIKE 'a\\%b' ESCAPE '\\'",
  ),
);
const condition = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'nesting' },
    leaf,
    fc.tuple(tie('any'), fc.constantFrom('AND', 'OR'), tie('any')).map(([a, op, b]) => `${a}\n ${op} ${b}`),
    tie('any').map((inner) => `(${inner}\n)`),
    tie('any').map((inner) => `NOT (${inner}\n)`),
  ),
})).any;

describe('a target selects what PostgreSQL itself selects', () => {
  test('on both databases, or is refused where it is no condition', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(condition, async (target) => {
        const truth = await truthOf(target);
        if (truth === undefined) {
          await expect(selected(postgres, target)).rejects.toThrow(/target/);
          return;
        }
        compared++;
        expect(await selected(postgres, target)).toEqual(truth);
        // Where it has the same collation, the embedded database sorts alike; which agents, is what counts.
        expect((await selected(embedded, target)).sort()).toEqual([...truth].sort());
      }),
      { numRuns: 400 },
    );
    expect(compared).toBeGreaterThan(100);
  });
});

describe('a target is refused, with what is wrong and where', () => {
  test.each([
    ['a sub-select', "name = (SELECT 'web1')", /a sub-select cannot stand in a target, at character \d+/],
    ['EXISTS', 'EXISTS (SELECT FROM commands)', /sub-select/],
    [
      'a function outside the list',
      'pg_sleep(1) IS NULL',
      /the function pg_sleep cannot stand in a target, at character 1/,
    ],
    ['a function that reads files', "pg_read_file('/etc/passwd') = ''", /the function pg_read_file/],
    ['a function of another schema', "public.lower(name) = 'a'", /plain call of a function/],
    ['an aggregate', 'count(*) > 1', /plain call of a function|the function count/],
    ['a window', 'length(name) OVER () > 1', /plain call/],
    ['a second statement', 'true); DROP TABLE agents; SELECT (true', /2 statements|3 statements|one condition/],
    ['a statement behind a semicolon', 'true; SELECT 1', /no condition/],
    ['a union', 'true) UNION SELECT FROM investigators WHERE (true', /one condition/],
    ['a sort by something else', 'true) ORDER BY (pg_sleep(1)', /one condition/],
    ['a grouping', 'true) GROUP BY (name', /one condition/],
    ['a lock', 'true) FOR UPDATE OF agents --', /one condition|no condition/],
    ['a limit', 'true) LIMIT (1', /one condition|no condition/],
    ['another table', "investigators.name = 'Dana'", /expected one of id, name/],
    ['a column that is not for targets', 'session IS NOT NULL', /expected one of id, name/],
    ['a whole row', 'agents IS NOT NULL', /expected one of id, name/],
    ['all columns', '(agents.*) IS NOT NULL', /cannot stand in a target|expected one of/],
    ['a system column', "ctid = '(0,1)'", /expected one of id, name/],
    ['a parameter', 'name = $1', /a parameter cannot stand in a target/],
    ['a subscript', "environment['os'] = '\"linux\"'", /a subscript cannot stand/],
    ['a collation', `name COLLATE "C" = 'a'`, /COLLATE cannot stand/],
    ['CASE', 'CASE WHEN true THEN true END', /CASE cannot stand/],
    ['a row', "(name, pid) = ('a', 1)", /cannot stand/],
    ['SIMILAR TO', "name SIMILAR TO 'a+'", /cannot stand/],
    ['a cast to a type that looks things up', "'agents'::regclass IS NOT NULL", /expected a type of/],
    ['a cast to a type of another schema', "name::public.text = ''", /expected a type of/],
    ['an operator by its schema', "name OPERATOR(public.=) 'a'", /cannot stand/],
    ['an operator that is not listed', "name <-> 'a' < 1", /the operator <-> cannot stand/],
    ['a back reference', "name ~ '(a)\\1'", /regular expression/],
    ['a regular expression that is computed', 'name ~ version', /constant text/],
    ['a long regular expression', `name ~ '${'a'.repeat(300)}'`, /at most 256 characters/],
    ['a value of the session', 'current_user IS NOT NULL', /cannot stand|this value/],
    ['text that is no SQL', 'name = = 1', /the target is no condition: .*, at character \d+/],
    ['a condition without an end', 'name LIKE ', /^the target is no condition: it ends too early, at character 11$/],
    ['a word that is no macro', 'webs', /^'webs' is neither a macro \(mig macros lists them\) nor .* name = 'webs' or/],
    [
      "a machine's name alone",
      'db-1.example.net',
      /^'db-1.example.net' is neither a macro .* name = 'db-1.example.net' or/,
    ],
    [
      'a tag as a column',
      "team = 'web'",
      /got 'team'; environment->>'team' is .*, tags->>'team' what the platform says/,
    ],
    ['a text without quotes', 'name = web1', /got 'web1'; a text stands in single quotes, 'web1', at character 8$/],
    ['an open quote', "name = 'a", /no condition/],
    ['nothing', '', /no condition/],
    ['a comment alone', '-- nothing', /no condition/],
    ['too much nesting', `${'NOT ('.repeat(150)}true${')'.repeat(150)}`, /nests deeper|no condition/],
    ['endless nesting', `${'('.repeat(20_000)}true${')'.repeat(20_000)}`, /nests deeper|no condition/],
    ['too much text', `name = '${'a'.repeat(70_000)}'`, /at most 65536 characters/],
    ['an action that is none', "found('x')", /with the id of an action/],
  ])('%s', async (_, target, message) => {
    await expect(selected(postgres, target)).rejects.toThrow(message);
  });

  test('what is no condition to the database is told as such', async () => {
    for (const database of [postgres, embedded]) {
      await expect(selected(database, 'pid')).rejects.toThrow(/the target is no condition/);
      await expect(selected(database, "name > 'a'::inet")).rejects.toThrow(/the target is no condition/);
    }
  });
});

test('names stand for conditions: of the platform, and of the investigator', async () => {
  const own = [{ name: 'webs', target: "name ILIKE 'web%'" }];
  expect(await selected(postgres, expandTarget('webs', own))).toHaveLength(3);
  expect(await selected(postgres, expandTarget('all', own))).toHaveLength(names.length);
  expect(await selected(postgres, expandTarget('local', own, { hostname: "o'hara" }))).toEqual(["o'hara"]);
  expect(await selected(postgres, expandTarget('online', own))).toEqual([]);
  expect(() => expandTarget('local', own)).toThrow(/name of the machine/);
});

test('counts by status, with a sample of names', async () => {
  const counted = await countSelected(postgres.db, await compileTarget("environment->>'os' = 'linux'"));
  expect(counted).toMatchObject({ count: 4, online: 0, idle: 0, offline: 4 });
  expect(counted.sample).toHaveLength(4);
});
