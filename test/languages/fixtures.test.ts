import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { found, linkFolder, readExpectations } from './caret-fixture.js';

const root = fileURLToPath(new URL('.', import.meta.url));

for (const language of ['ecmascript', 'python']) {
  describe(language, () => {
    const fixtures = join(root, language, 'fixtures');
    for (const name of readdirSync(fixtures).sort()) {
      const folder = join(fixtures, name);
      const expectations = readExpectations(folder);
      describe(name.replaceAll('-', ' '), async () => {
        const partitions = await linkFolder(folder);
        it('has expectations', () => {
          expect(expectations.length).toBeGreaterThan(0);
        });
        for (const expectation of expectations) {
          it(expectation.text, () => {
            expect(found(partitions, expectation)).toEqual(expectation.expected);
          });
        }
      });
    }
  });
}
