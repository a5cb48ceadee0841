import { createHash } from 'node:crypto';
import type { Parser, ParserInput, ParserOutput } from '../../../src/index.js';

/** Parses each content once, for all who index it: what is put to the test here are stores. */
export function rememberingParser(parser: Parser): Parser {
  const known = new Map<string, Omit<ParserOutput, 'key'>>();
  const contentOf = ({ language, bytes }: ParserInput): string => `${language} ${createHash('sha256').update(bytes).digest('hex')}`;
  return {
    ...parser,
    async *extract(sources, options) {
      const contents = new Map<string, string>();
      const ready: ParserOutput[] = [];
      async function* unknown(): AsyncGenerator<ParserInput> {
        for await (const source of sources) {
          const content = contentOf(source);
          contents.set(source.key, content);
          const before = known.get(content);
          if (before === undefined) yield source;
          else ready.push({ ...before, key: source.key });
        }
      }
      for await (const { key, ...output } of parser.extract(unknown(), options)) {
        known.set(contents.get(key) ?? '', output);
        yield { ...output, key };
        yield* ready.splice(0);
      }
      yield* ready.splice(0);
    },
  };
}
