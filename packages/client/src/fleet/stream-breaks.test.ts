import { expect, test } from 'vitest';
import { streamBreaks } from './stream-breaks.ts';

test('says a break once, an outage once, and that it is over', () => {
  const said: string[] = [];
  const breaks = streamBreaks({ remark: (line) => void said.push(line) });
  breaks.onEvent();
  breaks.onBreak('cut');
  breaks.onEvent();
  for (let i = 0; i < 100; i++) breaks.onBreak('refused');
  breaks.onEvent();
  breaks.onEvent();

  expect(said).toEqual([
    'the stream broke, going on where it was: cut',
    'the stream broke, going on where it was: refused',
    'the platform is not reached, trying again until it is: refused',
    'the platform is reached again',
  ]);
});
