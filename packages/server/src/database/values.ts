/** How values of PostgreSQL are read: the same from the embedded database and from a server. */

/** Object identifiers of types (pg_type.dat). */
const int8 = 20;
const timestamptz = 1184;
const jsonb = 3802;

/** Readers by the object identifier of the type. */
export const readers: Readonly<Record<number, (text: string) => unknown>> = {
  [int8]: Number,
  [timestamptz]: readTime,
  [jsonb]: JSON.parse,
};

/** `2026-01-02 03:04:05.678901+00` as RFC 3339, to the millisecond. */
function readTime(text: string): string {
  return new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')).toISOString();
}
