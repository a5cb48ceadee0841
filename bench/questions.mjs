// The questions that are timed, each put to symbols drawn from all over the graph.

/** Milliseconds of each kind of question: `{ kind: { median, p95, p99, worst } }`. */
export async function askEachQuestion(codeloom, { modules }, samples) {
  const count = modules.length;
  const module = (i) => modules[(i * 7919 + 13) % count];
  const method = (i) => module(i).methods[i % module(i).methods.length].id;
  const called = (i) => module(i).functions[i % module(i).functions.length];
  const questions = {
    'symbols, exact': (i) => codeloom.symbols({ text: called(i).name, match: 'exact' }),
    'symbols, prefix': (i) => codeloom.symbols({ text: called(i).name.slice(0, 9), match: 'prefix' }),
    'symbols, substring': (i) => codeloom.symbols({ text: called(i).name.slice(2), match: 'substring' }),
    'show, by id': (i) => codeloom.show({ symbol: called(i).id }),
    'show, by name': (i) => codeloom.show({ symbol: module(i).type }),
    'show, by line': (i) => codeloom.show({ symbol: `${module(i).path}:25` }),
    callers: (i) => codeloom.callers({ symbol: called(i).id }),
    callees: (i) => codeloom.callees({ symbol: called(i).id }),
    references: (i) => codeloom.references({ symbol: called(i).id }),
    implementations: (i) => codeloom.implementations({ symbol: module(i).class }),
    'callers of a method': (i) => codeloom.callers({ symbol: method(i) }),
    'callers of the hub': () => codeloom.callers({ symbol: modules[0].functions[0].id }),
    'impact, depth 2': (i) => codeloom.impact({ symbol: called(i).id, depth: 2 }),
    'impact, depth 5': (i) => codeloom.impact({ symbol: called(i).id, depth: 5 }),
    path: (i) => codeloom.path({ from: called(i).id, to: called(i + 1).id }),
    statistics: () => codeloom.statistics(),
    status: () => codeloom.status(),
    history: () => codeloom.history(),
    diagnostics: () => codeloom.diagnostics(),
  };
  const latencies = {};
  for (const [kind, ask] of Object.entries(questions)) latencies[kind] = await time(ask, isWalk(kind) ? Math.max(3, Math.ceil(samples / 10)) : samples);
  return latencies;
}

/** Those that are about one symbol and what is next to it: they have an aim. */
export function isSingle(kind) {
  return /^(?:symbols, exact|show|callers(?! of the hub)|callees|references|implementations)/.test(kind);
}

function isWalk(kind) {
  return /^(?:impact, depth 5|path|callers of the hub|symbols, substring)/.test(kind);
}

async function time(ask, samples) {
  for (let i = 0; i < Math.min(20, samples); i++) await ask(i); // code and caches are warm, as they are in a process that answers questions
  const took = [];
  for (let i = 0; i < samples; i++) {
    const before = performance.now();
    await ask(i + 20);
    took.push(performance.now() - before);
  }
  took.sort((a, b) => a - b);
  const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))];
  return { median: at(0.5), p95: at(0.95), p99: at(0.99), worst: took.at(-1) };
}
