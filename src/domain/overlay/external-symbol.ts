import { parseScipSymbol } from '../scip/symbol-text.js';

/** What a symbol that no document of an index defines stands for outside the repository: a package, and the names of its definitions. Undefined for parameters, and what is no symbol. */
export function externalOfScip(symbol: string): { readonly package: string; readonly members: readonly string[] } | undefined {
  const name = parseScipSymbol(symbol);
  const kinds = name?.descriptors.map(({ kind }) => kind) ?? [];
  if (name === undefined || kinds.includes('parameter') || kinds.includes('type-parameter')) return undefined;
  const members = name.descriptors.filter(({ kind }) => kind !== 'namespace' && kind !== 'meta').map((each) => each.name);
  return { package: name.package === '' ? name.descriptors[0]?.name ?? name.scheme : name.package, members };
}
