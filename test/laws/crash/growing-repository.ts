import { createCodeloom, type Parser } from '../../../src/index.js';
import { createMemoryGitHost } from '../../../src/testing.js';
import { createCommandLine, type CommandLine } from '../../adapters/cli/command-line.js';

/** A repository of some files whose every state differs from the one before in a third of them, so that every stage has work each time. */
export interface GrowingRepository extends CommandLine {
  /** Commits the next state and gives the digest that its graph has, from a clean build in memory. */
  advance(): Promise<string>;
}

export async function growingRepository(parser: Parser, size: number): Promise<GrowingRepository & { readonly first: string }> {
  let state = 0;
  const cli = createCommandLine(filesOf(state, size));
  const digest = async (): Promise<string> => {
    const gitHost = createMemoryGitHost({ repositories: [{ location: 'clean', branches: { main: [filesOf(state, size)] } }] });
    const clean = await createCodeloom({ store: 'memory', parser, gitHost });
    try {
      return (await clean.index({ location: 'clean' })).snapshot.digest;
    } finally {
      await clean.close();
    }
  };
  return {
    ...cli,
    first: await digest(),
    async advance() {
      state += 1;
      cli.write(filesOf(state, size));
      cli.git('add', '--all');
      cli.git('commit', '--quiet', '--message', `state ${state}`);
      return digest();
    },
  };
}

function filesOf(state: number, size: number): Record<string, string> {
  const files: Record<string, string> = { 'package.json': `{ "name": "growing", "version": "1.0.${state}" }\n` };
  for (let file = 1; file <= size; file += 1) {
    const changed = file % 3 === state % 3 ? state : state - ((state - file) % 3 + 3) % 3;
    const before = file > 1 ? file - 1 : size;
    const body = Array.from({ length: 12 }, (_, line) => `  if (deep > ${line}) { f${before}(deep - ${line}); this_${changed}.push(new C${before}().m${line % 3}(deep)); }`).join('\n');
    files[`src/f${file}.ts`] = `import { C${before}, f${before} } from './f${before}.js';\nconst this_${changed}: unknown[] = [];\nexport function f${file}(deep: number): number {\n${body}\n  return deep;\n}\n`
      + `export class C${file} extends C${before} { m0(n: number) { return this.m1(n); } m1(n: number) { return f${file}(n); } m2(n: number): C${before} { return new C${before}(); } }\n`;
    files[`lib/p${file}.py`] = `from lib.p${before} import P${before}\n\n\nclass P${file}:\n    def run_${changed}(self, other: P${before}):\n        return other.run_${changed}(self)\n`;
  }
  return files;
}
