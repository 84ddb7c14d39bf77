/** Patterns that take backtracking engines more than linear time, each with the text that hurts when it is repeated. */
export const evilPatterns: readonly (readonly [pattern: string, unit: string])[] = [
  ['(a+)+$', 'a'],
  ['(a|aa)+$', 'a'],
  ['(x+x+)+y', 'x'],
  ['([a-z]+)*\\d', 'abc'],
  ['(?i)(a+)+b', 'aA'],
  ['.*=.*;', 'x='],
  ['(.*a){12}b', 'a'],
  ['(a?){30}a{30}b', 'a'],
  ['(a{1,20}){1,20}b', 'a'],
  ['\\b(a+)+\\b!', 'a'],
  ['(.*?,){11}P', '1,'],
  ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'],
  ['[a-z0-9._]+@[a-z0-9.]+\\.[a-z]{2,}', 'a.'],
  ['(\\w+\\s?)*$\\b!', 'word '],
  ['(é|[^a])*€', 'é'],
];
