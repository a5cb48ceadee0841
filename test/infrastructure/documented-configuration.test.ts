import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { configurationSchema } from '../../src/infrastructure/config-schema.js';

const document = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

it('docs/cli.md has the schema of the configuration file', () => {
  const blocks = [...document.matchAll(/^```json\n([^]*?)^```/gm)].map(([, block]) => block ?? '');
  const schema: unknown = JSON.parse(blocks.find((block) => block.includes('"additionalProperties"')) ?? 'null');
  expect(schema).toEqual(z.toJSONSchema(configurationSchema));
});

it('docs/cli.md names every key and every variable', () => {
  for (const key of Object.keys(configurationSchema.shape)) expect(document).toContain(`\`${key}`);
  const source = readFileSync(new URL('../../src/infrastructure/config-schema.ts', import.meta.url), 'utf8');
  for (const [variable] of source.matchAll(/CODELOOM_\w+/g)) expect(document).toContain(`\`${variable}\``);
});
