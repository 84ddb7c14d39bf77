/** What may stand in a target. What is not named here is refused. */

/** Columns of `agents` that can be asked for. */
export const columns: ReadonlySet<string> = new Set([
  'id',
  'name',
  'queueloc',
  'mode',
  'version',
  'pid',
  'starttime',
  'environment',
  'tags',
  'status',
  'heartbeattime',
  'refreshtime',
  'copied',
]);

/** Comparison, arithmetic, text, JSON and network operators. */
export const operators: ReadonlySet<string> = new Set(
  '= <> != < <= > >= + - * / % || -> ->> #> #>> @> <@ ? ?| ?& ~ ~* !~ !~* ~~ ~~* !~~ !~~* << <<= >> >>= &&'.split(' '),
);

/** Operators whose right side is a regular expression. */
export const regexpOperators: ReadonlySet<string> = new Set(['~', '~*', '!~', '!~*']);

/** Functions, all of them without an effect, and with a result no larger than what goes in. */
export const functions: ReadonlySet<string> = new Set(
  'lower upper length like_escape trim btrim ltrim rtrim left right substr substring strpos position starts_with split_part now date_trunc date_part extract age abs floor ceil round coalesce jsonb_array_length jsonb_typeof family host masklen network broadcast'.split(
    ' ',
  ),
);

/** Types that a value can be cast to. */
export const types: ReadonlySet<string> = new Set(
  'text varchar bpchar int2 int4 int8 numeric float4 float8 bool timestamptz timestamp date time interval inet cidr jsonb uuid'.split(
    ' ',
  ),
);

export const longestTarget = 65_536;
export const longestRegexp = 256;
export const deepest = 100;
