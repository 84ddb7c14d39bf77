/** Splits a rule into words at spaces; quotes keep a word together, as in the rule files of auditctl(8). */
export function splitWords(rule: string): string[] {
  return [...rule.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ''),
  );
}
