#!/usr/bin/env node
import * as nodeModule from 'node:module';

// Both must be on before anything else is loaded, which is why the rest is imported below.
if (process.argv.includes('--verbose') || process.argv.includes('-v')) process.setSourceMapsEnabled(true);
// Node 22.8 and newer keep what they compiled for the next start; types for Node 20 do not know it.
(nodeModule as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();

const { runProcess } = await import('../command-line.js');
await runProcess();
