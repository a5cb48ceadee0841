import { CodeloomError, type Codeloom, type EdgeKind, type NodeKind } from '../../../src/index.js';
import { pick } from './real-repository.js';

/** A question, in words, and how it is asked. */
export interface Question {
  readonly text: string;
  ask(codeloom: Codeloom): Promise<unknown>;
}

/** What questions can be about. */
export interface Subjects {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  /** `path:line:column` of uses. */
  readonly places: readonly string[];
}

export async function subjectsOf(codeloom: Codeloom): Promise<Subjects> {
  const [ids, names, places] = [[] as string[], new Set<string>(), [] as string[]];
  await codeloom.read({}, async (reader) => {
    for await (const batch of reader.partitions()) {
      for (const { path, nodes, edges } of batch) {
        for (const { id, name } of nodes) {
          ids.push(id);
          if (name.length > 1) names.add(name);
        }
        for (const { sites } of edges) for (const { line, column } of sites.slice(0, 1)) places.push(`${path}:${line}:${column}`);
      }
    }
  });
  return { ids, names: [...names], places };
}

type Kind = (subjects: Subjects, random: () => number) => Question;

const RELATIONS: readonly (readonly EdgeKind[])[] = [['CALLS'], ['IMPORTS'], ['CALLS', 'REFERENCES']];
const KINDS: readonly (readonly NodeKind[])[] = [['function'], ['class', 'interface'], ['method', 'constructor'], ['file'], ['variable', 'type']];

/** Every kind of question that there is, in turns. */
const ASKED: readonly Kind[] = [
  about('show', (codeloom, symbol) => codeloom.show({ symbol })),
  about('callers', (codeloom, symbol) => codeloom.callers({ symbol })),
  named('callers by name', (codeloom, symbol) => codeloom.callers({ symbol })),
  about('callees', (codeloom, symbol) => codeloom.callees({ symbol })),
  about('references', (codeloom, symbol) => codeloom.references({ symbol })),
  about('implementations', (codeloom, symbol) => codeloom.implementations({ symbol })),
  about('impact', (codeloom, symbol) => codeloom.impact({ symbol, depth: 4 })),
  about('impact without end', (codeloom, symbol) => codeloom.impact({ symbol })),
  about('impact, the second page', async (codeloom, symbol) => codeloom.impact({ symbol, limit: 3, cursor: (await codeloom.impact({ symbol, limit: 3 })).cursor })),
  ({ ids }, random) => {
    const [from, to, kinds] = [pick(ids, random) ?? '', pick(ids, random) ?? '', pick(RELATIONS, random)];
    return { text: `path ${from} ${to} ${kinds?.join()}`, ask: (codeloom) => codeloom.path({ from, to, kinds }) };
  },
  named('symbols', (codeloom, text) => codeloom.symbols({ text })),
  ({ names }, random) => {
    const [text, kinds] = [(pick(names, random) ?? '').slice(0, 3), pick(KINDS, random)];
    return { text: `symbols that begin with ${text}: ${kinds?.join()}`, ask: (codeloom) => codeloom.symbols({ text, match: 'prefix', kinds }) };
  },
  ({ names }, random) => {
    const text = (pick(names, random) ?? '').slice(1, 4).toUpperCase();
    return { text: `all symbols with ${text}`, ask: async (codeloom) => collect(codeloom.symbolsStream({ text, match: 'substring', limit: 40 })) };
  },
  ({ places }, random) => {
    const at = pick(places, random) ?? '';
    return { text: `definition ${at}`, ask: (codeloom) => codeloom.definition({ at }) };
  },
  ({ places }, random) => {
    const at = (pick(places, random) ?? '').replace(/:\d+$/, '');
    return { text: `explain ${at}`, ask: (codeloom) => codeloom.explain({ at }) };
  },
  (_subjects, random) => {
    const [limit, kind] = [1 + Math.floor(random() * 50), Math.floor(random() * 6)];
    const asks: readonly ((codeloom: Codeloom) => Promise<unknown>)[] = [
      (codeloom) => codeloom.diff({ limit }), (codeloom) => codeloom.history({ limit }), (codeloom) => codeloom.statistics(), (codeloom) => codeloom.diagnostics(),
      (codeloom) => codeloom.busiestSymbol(), (codeloom) => codeloom.status(),
    ];
    return { text: `of the whole, ${kind}, ${limit}`, ask: async (codeloom) => withoutRuns(await asks[kind]?.(codeloom)) };
  },
];

export function questions(count: number, subjects: Subjects, random: () => number): Question[] {
  return Array.from({ length: count }, (_, index) => (ASKED[index % ASKED.length] ?? ASKED[0])?.(subjects, random)).filter((question) => question !== undefined);
}

/** What is answered; that a question is refused is an answer, too. */
export function answer(question: Question, codeloom: Codeloom): Promise<unknown> {
  return question.ask(codeloom).catch((error: unknown) => ({ refused: CodeloomError.from(error).code, message: CodeloomError.from(error).message }));
}

function about(what: string, ask: (codeloom: Codeloom, symbol: string) => Promise<unknown>): Kind {
  return ({ ids }, random) => {
    const symbol = pick(ids, random) ?? '';
    return { text: `${what} ${symbol}`, ask: (codeloom) => ask(codeloom, symbol) };
  };
}

function named(what: string, ask: (codeloom: Codeloom, name: string) => Promise<unknown>): Kind {
  return ({ names }, random) => {
    const name = pick(names, random) ?? '';
    return { text: `${what} ${name}`, ask: (codeloom) => ask(codeloom, name) };
  };
}

/** Each run of indexing has an id of its own. */
function withoutRuns(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null, (key, each: unknown) => (key === 'runs' ? undefined : each)));
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of stream) all.push(each);
  return all;
}
