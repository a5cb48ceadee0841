#!/usr/bin/env node
import * as nodeModule from 'node:module';

// Both must be on before anything else is loaded, which is why the rest is imported below.
if (process.argv.includes('--verbose') || process.argv.includes('-v')) process.setSourceMapsEnabled(true);
// Node 22.8 and newer keep what they compiled for the next start; types for Node 20 do not know it.
(nodeModule as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();

// Node 22 says of its SQLite, which is asked for by version, that it is experimental: no news for who runs a command.
const emitWarning = process.emitWarning.bind(process) as (warning: string | Error, ...rest: unknown[]) => void; // of its overloads, the widest
process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
  if (!String(warning).startsWith('SQLite is an experimental feature')) emitWarning(warning, ...rest);
};

const { runProcess } = await import('../command-line.js');
await runProcess();
