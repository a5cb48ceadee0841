// The parser's own parts, for measurements that stop short of facts.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const built = (file) => import(new URL(`../dist/adapters/tree-sitter/${file}`, import.meta.url).href);

export async function loadParsing() {
  const [{ WasmCore }, { compiledCore, compiledGrammar }, { extractors }, { createTreeSitterParser }] =
    await Promise.all([built('wasm-core.js'), built('grammars.js'), built('languages/index.js'), built('parser.js')]);
  const core = await WasmCore.start(compiledCore().module);
  const finder = createTreeSitterParser({ workers: 0 });
  const byLanguage = new Map();

  function language(name) {
    let known = byLanguage.get(name);
    if (known === undefined) {
      const extractor = extractors.find((each) => each.language === name);
      const grammar = core.library.Language.loadSync(compiledGrammar(extractor.grammar).module);
      const parser = new core.library.Parser();
      parser.setLanguage(grammar);
      byLanguage.set(name, (known = { extractor, grammar, parser }));
    }
    return known;
  }

  return {
    core, language,
    /** Parses, gives the tree to `visit` and frees it. */
    parse(source, visit) {
      const tree = core.parse(language(source.language).parser, source.bytes);
      try {
        visit?.(tree);
      } finally {
        if (tree !== 0) core.free(tree);
      }
    },
    /** The files of known languages below the paths; what Git or a package manager keeps there is passed over. */
    *sources(paths) {
      for (const path of paths) {
        const info = statSync(path, { throwIfNoEntry: false });
        if (info?.isDirectory()) {
          const names = readdirSync(path).filter((name) => name !== '.git' && name !== 'node_modules').sort();
          yield* this.sources(names.map((name) => join(path, name)));
        } else if (info?.isFile()) {
          const name = finder.languageOf(path);
          if (name !== undefined && info.size <= 4 << 20) yield { key: path, language: name, bytes: readFileSync(path) };
        }
      }
    },
  };
}
