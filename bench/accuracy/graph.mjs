// Indexes a tree through the library and gives its graph in the interchange format, with what the scoreboard wants to know besides.
import { cpuSeconds } from '../usage.mjs';

const built = (file) => import(new URL(`../../dist/${file}`, import.meta.url).href);

/** Indexes a tree (path to bytes) in this thread, from nothing. */
export async function graphOf(tree) {
  const [{ createCodeloom }, { createMemoryGitHost }] = await Promise.all([built('index.js'), built('adapters/memory/git-host.js')]);
  const gitHost = createMemoryGitHost({ repositories: [{ location: 'source', branches: { main: [tree] } }] });
  const codeloom = await createCodeloom({ store: 'memory', workers: 0, gitHost });
  try {
    const { stages } = await indexByStage(codeloom);
    const rows = [];
    for await (const batch of codeloom.export()) rows.push(...batch);
    return { rows, stages, sites: await codeloom.read({}, siteCounts) };
  } finally {
    await codeloom.close();
  }
}

async function indexByStage(codeloom) {
  const stages = {};
  let begun = 0;
  await codeloom.index({ location: 'source' }, {
    onEvent({ type, stage }) {
      if (type === 'stage-started') begun = cpuSeconds();
      else if (type === 'stage-finished') stages[stage] = cpuSeconds() - begun;
    },
  });
  return { stages };
}

/** Verdicts of call sites, unresolved ones by reason, and how many candidates the sites with candidates have. */
async function siteCounts(reader) {
  const verdicts = { resolved: 0, candidates: 0, external: 0, unresolved: 0 };
  const reasons = {};
  const perSite = [];
  for await (const partitions of reader.partitions()) {
    for (const partition of partitions) {
      for (const verdict of Object.keys(verdicts)) verdicts[verdict] += partition.verdicts[verdict];
      for (const { reason } of partition.unresolved) reasons[reason] = (reasons[reason] ?? 0) + 1;
      perSite.push(...candidatesPerSite(partition));
    }
  }
  perSite.sort((a, b) => a - b);
  return { verdicts, reasons, medianCandidates: perSite.length === 0 ? null : perSite[perSite.length >> 1], sitesWithCandidates: perSite.length };
}

function candidatesPerSite(partition) {
  const sites = new Map();
  for (const edge of partition.edges) {
    if (edge.kind !== 'CALLS' || edge.certainty !== 'candidate') continue;
    for (const { line, column } of edge.sites) sites.set(`${line}:${column}`, (sites.get(`${line}:${column}`) ?? 0) + 1);
  }
  return sites.values();
}
