// Every call of a small tree of files with its ends, nameless functions too. The graph has no nodes for those (their code is that of the definition around
// them), so that linking is asked itself.
const built = (file) => import(new URL(`../../dist/${file}`, import.meta.url).href);

const [{ createTreeSitterParser, decodeFacts, isConfiguration }, { Session }, { Modules, importRequests, importTargets }, { LANGUAGES }, { linkFile }, { siteTargets }, { saidContribution }, { passedValues }] = await Promise.all([
  built('index.js'), built('domain/linking/session.js'), built('domain/linking/imports.js'), built('domain/linking/languages/index.js'), built('domain/linking/link-file.js'),
  built('domain/linking/resolve-site.js'), built('domain/linking/contribution.js'), built('domain/linking/passed-arguments.js')]);
const parser = createTreeSitterParser({ workers: 0 });

/**
 * The calls of a tree (path to bytes): caller and callee as `{ path, node }` or, for a nameless function, `{ path, nameless: its index in the facts }`; at which
 * line and column; whether certain. A class that is constructed is also given as its constructor, `constructor`, where one of the repository is known.
 */
export async function callsOf(tree) {
  const files = Object.keys(tree).sort().flatMap((path) => {
    const language = parser.languageOf(path);
    return language === undefined ? [] : [{ path, language }];
  });
  const facts = new Map();
  for await (const output of parser.extract(files.map(({ path, language }) => ({ key: path, language, bytes: tree[path] })))) facts.set(output.key, decodeFacts(output.facts));
  const text = (path) => (isConfiguration(path) && tree[path] !== undefined ? Buffer.from(tree[path]).toString() : undefined);
  const modules = new Modules({ paths: new Set(Object.keys(tree).sort()), configuration: text }, LANGUAGES);
  const session = new Session(files.map(({ path, language }) => ({
    source: { path, blob: path, language, version: path, facts: () => facts.get(path) },
    targets: importTargets(modules.of(language), path, importRequests(facts.get(path).imports)),
    said: saidContribution({ path }, facts.get(path), modules.of(language).rules), evaluated: undefined,
  })), modules);
  return { calls: [...callsIn(session)], facts };
}

function* callsIn(session) {
  const linked = session.ev.program.files.map((file) => ({ file, partition: linkFile(session, file) }));
  const nodes = new Map(linked.flatMap(({ partition }) => partition.nodes.map((node) => [node.id, node])));
  const end = (id) => ({ path: nodes.get(id).path, node: nodes.get(id) });
  for (const { file, partition } of linked) {
    for (const edge of partition.edges) {
      if (edge.kind !== 'CALLS' || nodes.get(edge.to)?.kind === 'external') continue;
      for (const { line, column } of edge.sites) yield { from: end(edge.from), to: end(edge.to), construct: constructorOf(session, nodes, edge.to), certain: edge.certainty === 'certain', path: file.path, line, column };
    }
    for (const site of file.facts.sites) yield* namelessCalls(session, file, site, end);
  }
}

function* namelessCalls({ ev }, file, site, end) {
  const call = file.facts.exprs[site.expr];
  // also where the graph's edge goes to the variable or field that holds it
  const called = passedValues(ev, file, call.callee).values.flatMap((value) => (value.v === 'argument' ? ev.handed(value).values : [value]));
  const found = [...new Set(called)].filter((value) => value.v === 'function' && value.definition < 0 && ev.program.file(value.file).facts.functions[value.function].bodiless !== true);
  if (found.length === 0) return;
  const targets = siteTargets(ev, file, site);
  const held = targets.definitions.every((target) => target.file.facts.definitions[target.definition]?.function === undefined);
  const certain = found.length === 1 && held && targets.externals.length === 0 && targets.open === undefined;
  const from = end(site.owner < 0 ? file.path : file.declarations.ids[site.owner]);
  for (const value of found) yield { from, to: { path: ev.program.file(value.file).path, nameless: value.function }, certain, path: file.path, line: site.at.line, column: site.at.column };
}

/** The constructor that runs when the class is constructed; undefined where none is declared, in it or above. */
function constructorOf({ ev }, nodes, id) {
  if (nodes.get(id).kind !== 'class') return undefined;
  const file = ev.program.files.find(({ path }) => path === nodes.get(id).path);
  const index = file.facts.classes.findIndex(({ definition }) => definition >= 0 && file.declarations.ids[definition] === id);
  if (index < 0) return undefined;
  for (const entry of ev.lineage(file.index, index).entries) {
    const member = entry.file.facts.classes[entry.class].members.find(({ name }) => entry.file.rules.constructors.includes(name));
    const definition = member?.definitions[0];
    if (definition !== undefined) return nodes.get(entry.file.declarations.ids[definition]);
  }
  return undefined;
}

/** The nameless functions of a file by the nearest function around them (-1: the file), each list in the order of the source. */
export function namelessByOwner(facts) {
  const byScope = new Map(facts.functions.map((each, index) => [each.scope, index]));
  const groups = new Map();
  facts.functions.forEach((each, index) => {
    if (each.bodiless) return;
    let scope = facts.scopes[each.scope]?.parent ?? -1;
    while (scope >= 0 && !byScope.has(scope)) scope = facts.scopes[scope].parent;
    const owner = scope < 0 ? -1 : byScope.get(scope);
    if (!groups.has(owner)) groups.set(owner, []);
    groups.get(owner).push(index);
  });
  return groups;
}
