/** Where an import leads: decided by a language's own rules from the list of paths and the configuration files alone. */
export type ModuleTarget =
  /** A file of the snapshot that has facts (or would have, were it not skipped). */
  | { readonly kind: 'file'; readonly path: string }
  /** Python: a package folder without `__init__` (one or several portions). */
  | { readonly kind: 'namespace'; readonly folders: readonly string[] }
  /** Leaves the repository: package as installed (`lodash`, `@scope/pkg`, `numpy`) or standard library (`node:fs`, `os`), and the module within it (`lodash/fp`). */
  | { readonly kind: 'external'; readonly package: string; readonly module: string }
  /** A file of the snapshot that is no code (`./data.json`, `./style.css`). */
  | { readonly kind: 'asset'; readonly path: string }
  /** Should be in the repository and is not. */
  | { readonly kind: 'missing' };

export type ImportStyle = 'import' | 'require' | 'type';

export interface ModuleResolver {
  /** `from` is the importing file's path; `specifier` as written (Python: with leading dots). Memoised by the resolver. */
  resolve(from: string, specifier: string, style: ImportStyle): ModuleTarget;
  /** Python: `name` as a submodule of the package that `target` is; undefined when there is none, always undefined elsewhere. */
  submodule(target: ModuleTarget, name: string): ModuleTarget | undefined;
  /** What was wrong with configuration files (cycles, paths out of the repository, syntax), once each. */
  diagnostics(): readonly { readonly path: string; readonly code: string; readonly message: string }[];
}

/** What a resolver sees of a snapshot. */
export interface ModuleContext {
  /** Every path of the snapshot, code or not, sorted. */
  readonly paths: ReadonlySet<string>;
  /** The text of a configuration file; undefined when it is not there or not text. Only paths for which `isConfiguration` holds have text. */
  configuration(path: string): string | undefined;
}

/** A language family's rules for modules. */
export interface ModuleRules {
  /** True for files that shape module resolution and must be read (package.json, tsconfig*.json, pnpm-workspace.yaml, pyproject.toml …). */
  isConfiguration(path: string): boolean;
  create(context: ModuleContext): ModuleResolver;
}
