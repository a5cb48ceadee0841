import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every document for people: what lies at the top, in docs/ and beside an example. */
export const documents: readonly string[] = [
  ...readdirSync(root).filter((path) => path.endsWith('.md')),
  ...markdownIn('docs'), ...markdownIn('examples'),
];

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** A fenced block. What is to happen with it stands in a comment on the line before: `<!-- run -->`, or `<!-- not run: why -->`. */
export interface Block {
  readonly document: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
  readonly run: boolean;
  readonly notRun: string | undefined;
}

export function blocksOf(document: string): Block[] {
  const source = read(document);
  return [...source.matchAll(/(?:^<!-- (run|not run: (.*)) -->\n)?^```(\w*)\n([^]*?)^```$/gm)].map(([whole, mark, notRun, language = '', text = '']) => {
    const line = source.slice(0, source.indexOf(whole)).split('\n').length;
    return { document, line, language, text, run: mark === 'run', notRun };
  });
}

export function where({ document, line }: Block): string {
  return `${document}:${line}`;
}

function markdownIn(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .map((path) => join(folder, path));
}
